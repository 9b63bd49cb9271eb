"""Law: a sentence with always or never, and how a subject is held against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.strategies.traits import Traits

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Law", "law"]


def _always(_: Traits) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One law."""

    id: str
    """`group.name`, such as "retry.waits"."""
    sentence: str
    source: str
    """Where it is written: a heading of the guide, or an RFC."""
    situations: Callable[[Subject], SearchStrategy[Situation]]
    """In which it is tried."""
    judge: Callable[[Lab, Situation], None]
    """Raises Violation, or NotApplicable, or returns."""
    objection: Callable[[Traits], str | None] = _always
    """Why it cannot apply to a strategy with these traits, if so."""

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]


def law(
    law_id: str,
    sentence: str,
    *,
    source: str,
    situations: Callable[[Subject], SearchStrategy[Situation]],
    objection: Callable[[Traits], str | None] = _always,
) -> Callable[[Callable[[Lab, Situation], None]], Law]:
    """Makes a Law of the function that judges one situation."""

    def made(judge: Callable[[Lab, Situation], None]) -> Law:
        return Law(id=law_id, sentence=sentence, source=source, situations=situations, judge=judge, objection=objection)

    return made
