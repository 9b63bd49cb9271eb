"""Comparing: what is wanted beside what came, over fields and turns, one value after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kaizen_eval.checks import optional, whole
from kaizen_eval.errors import ConfigError
from kaizen_eval.evals.score import Score
from kaizen_eval.evals.scorers.settings import Settings
from kaizen_eval.evals.scorers.wording import shown, together

if TYPE_CHECKING:
    from kaizen_eval.evals.answer import Answer
    from kaizen_eval.evals.case import Case

__all__ = ["NOTHING", "RIGHT", "Comparing", "Mark", "checked_field", "fields_named", "mean"]

NOTHING: Any = object()
"""None is a value that may be wanted."""


class Mark(NamedTuple):
    """How one value was found."""

    value: float
    reason: str = ""
    """Such as "expected 'Paris', got 'Lyon'"; empty where there is nothing to say. The field is added to it."""


RIGHT = Mark(1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparing(Settings, ABC):
    """A scorer that compares values one by one; its score is the mean of what it finds.

    It compares with what the case expects, or with what it was given itself (`wanted`).
    """

    field: str | Sequence[str] | None = None
    """The output field, or several. None: every field that the case expects something of; for what the scorer wants
    itself, the only output, or else all of them as one object.
    """
    turn: int | None = None
    """Of cases with several turns: which alone, from 1, or from the end as -1; None: all."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "field", checked_field(self.kind, self.field))
        optional(whole, f"turn of {self.kind}", self.turn)
        if self.turn == 0:
            raise ConfigError(f"turn of {self.kind} counts from 1, or from the end as -1.")
        Settings.__post_init__(self)

    def usual_name(self) -> str:
        return f"{self.kind}({', '.join(fields_named(self.field))})" if self.field else self.kind

    def wanted(self) -> Any:
        """What every answer should be, whatever its case expects; `NOTHING` where the case says it."""
        return NOTHING

    @abstractmethod
    def compared(self, expected: Any, came: Any) -> Mark: ...

    async def score(self, case: Case, answer: Answer, /) -> Score | None:
        asked, answered, wanted = case.asked, answer.turns, self.wanted()
        marks: list[Mark] = []
        for place in _chosen(self.turn, len(asked)):
            outputs = answered[place].outputs if place < len(answered) else {}
            if wanted is NOTHING:
                found = self._beside(asked[place].expected or {}, outputs)
            else:
                found = self._alone(wanted, outputs)
            marks += found if len(asked) == 1 else [_of_turn(mark, place) for mark in found]
        return mean(marks)

    def _beside(self, expected: Mapping[str, Any], outputs: Mapping[str, Any]) -> list[Mark]:
        """Each expected field; of fields that are named, those of which something is expected."""
        fields = expected if self.field is None else fields_named(self.field)
        return [self._mark(expected[field], outputs, field) for field in fields if field in expected]

    def _alone(self, wanted: Any, outputs: Mapping[str, Any]) -> list[Mark]:
        fields = fields_named(self.field) or (tuple(outputs) if len(outputs) == 1 else ())
        if not fields:
            return [_in(self.compared(wanted, outputs), "the outputs")]
        return [self._mark(wanted, outputs, field) for field in fields]

    def _mark(self, expected: Any, outputs: Mapping[str, Any], field: str) -> Mark:
        if field not in outputs:
            return Mark(0.0, f"expected {shown(expected)}, got nothing in {field}")
        return _in(self.compared(expected, outputs[field]), field)


def _in(mark: Mark, field: str) -> Mark:
    return Mark(mark.value, f"{mark.reason} in {field}") if mark.reason else mark


def _of_turn(mark: Mark, place: int) -> Mark:
    return Mark(mark.value, f"{mark.reason} of turn {place + 1}") if mark.reason else mark


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


def _chosen(turn: int | None, count: int) -> Iterable[int]:
    if turn is None:
        return range(count)
    place = turn - 1 if turn > 0 else count + turn
    return (place,) if 0 <= place < count else ()


def checked_field(kind: str, field: Any) -> str | tuple[str, ...] | None:
    """Raises:
    ConfigError: neither the name of a field, nor several.
    """
    if field is None or (isinstance(field, str) and field):
        return field
    names = tuple(field) if isinstance(field, list | tuple) else ()
    if not names or not all(isinstance(name, str) and name for name in names):
        raise ConfigError(f"field of {kind} must be the name of an output field, or a list of them, not {field!r}.")
    return names
