"""Trial: one subject, held against one law, with one seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kaizen_eval.conformance.effort import EXAMPLES
from kaizen_eval.conformance.judging import judge
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.selftest.book import Book
from kaizen_eval.conformance.subject import Subject

__all__ = ["Task", "Trial", "tried"]

_LOOKED = 5
"""Situations in which other laws than a mutant's own look at it: they may catch it, and need not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it, as plain data that travels between processes."""

    subject: str
    """A mutant's id, or the reference's name."""
    law: str
    seed: int
    verdict: Literal["kept", "violated", "not applicable", "error"]
    """An error is one that the law itself, or the making of the subject, has failed with."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one process is to try at once: a mutant against its laws, or the reference against one."""

    seed: int
    mutant: str | None = None
    """None for the reference."""
    law: str = ""
    """For the reference."""
    against_all: bool = False
    """Whether the mutant is held against every law, not against those of the group that must catch it."""


def tried(book: Book, task: Task) -> tuple[Trial, ...]:
    """What came of it. Where the law that must catch a mutant does not, all others are asked whether they do."""
    if task.mutant is None:
        return (_trial(book.by_id[task.law], book.reference, task.seed),)
    mutant = book.mutant(task.mutant)
    own = _trial(book.by_id[mutant.breaks], mutant.subject, task.seed)
    is_caught = own.verdict == "violated"
    others = _others(book, book.by_id[mutant.breaks], is_all=task.against_all or not is_caught)
    return (own, *(_trial(law, mutant.subject, task.seed, examples=_LOOKED) for law in others))


def _others(book: Book, own: Law, *, is_all: bool) -> Iterator[Law]:
    return (law for law in book.laws if law is not own and (is_all or law.group == own.group))


def _trial(law: Law, subject: Subject, seed: int, *, examples: int = EXAMPLES["fast"]) -> Trial:
    try:
        ruling = judge(law, subject, examples=examples, seed_=seed, shrink=examples != _LOOKED)
    except Exception as error:  # noqa: BLE001 - whatever it fails with becomes a row of the report
        told = f"{type(error).__name__}: {error}"
        return Trial(subject=subject.name, law=law.id, seed=seed, verdict="error", reason=told)
    return Trial(subject=subject.name, law=law.id, seed=seed, verdict=ruling.verdict, reason=ruling.reason)
