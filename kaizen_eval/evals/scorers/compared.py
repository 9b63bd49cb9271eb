"""Comparing: each expected value beside the one that came, over all fields and turns that expect something."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.score import Score
from kaizen_eval.evals.scorers.settings import Settings
from kaizen_eval.evals.scorers.wording import shown, together

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["Comparing", "Mark", "fields_named"]


class Mark(NamedTuple):
    """How one value was found."""

    value: float
    reason: str = ""
    """A sentence without its full stop, such as "expected 'Paris', got 'Lyon'"; empty where there is nothing to say."""


RIGHT = Mark(1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparing(Settings, ABC):
    """A scorer that compares values one by one; its score is the mean of what it finds."""

    field: str | Sequence[str] | None = None
    """The output field, or several; None: every field that the case expects something of."""

    def __post_init__(self) -> None:
        if self.field is not None and (not self.field or not all(isinstance(one, str) for one in self.field)):
            raise ConfigError(
                f"field of {self.kind} must be the name of an output field or a list, not {self.field!r}."
            )
        if self.field is not None and not isinstance(self.field, str):
            object.__setattr__(self, "field", tuple(self.field))
        Settings.__post_init__(self)

    def usual_name(self) -> str:
        return f"{self.kind}({', '.join(fields_named(self.field))})" if self.field else self.kind

    @abstractmethod
    def compared(self, expected: Any, came: Any) -> Mark: ...

    async def score(self, case: Case, answer: Answer, /) -> Score | None:
        marks = []
        asked, answered = case.asked, answer.turns
        for place, turn in enumerate(asked):
            if not turn.expected:
                continue
            outputs = answered[place].outputs if place < len(answered) else {}
            for field in fields_named(self.field) or turn.expected:
                if field in turn.expected:
                    mark = self._mark(turn.expected[field], outputs, field)
                    where = f" in {field}" if len(asked) == 1 else f" in {field} of turn {place + 1}"
                    marks.append(Mark(mark.value, mark.reason and mark.reason + where))
        return mean(marks)

    def _mark(self, expected: Any, outputs: Any, field: str) -> Mark:
        if field not in outputs:
            return Mark(0.0, f"expected {shown(expected)}, got nothing")
        return self.compared(expected, outputs[field])


def fields_named(field: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if field is None else (field,) if isinstance(field, str) else tuple(field)


def mean(marks: Sequence[Mark]) -> Score | None:
    """None of nothing."""
    if not marks:
        return None
    if len(marks) == 1:
        return Score(*marks[0])
    return Score(sum(mark.value for mark in marks) / len(marks), _reasons(marks))


def _reasons(marks: Iterable[Mark]) -> str:
    """What is wrong goes before what else there is to say."""
    told = sorted((mark for mark in marks if mark.reason), key=lambda mark: mark.value)
    return together([mark.reason for mark in told])
