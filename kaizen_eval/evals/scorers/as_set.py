"""List as set: what of a list is right, and how much of what is right is in it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

from kaizen_eval.checks import one_of
from kaizen_eval.evals.scorers.compared import RIGHT, Comparing, Mark
from kaizen_eval.evals.scorers.json_values import json_value
from kaizen_eval.evals.scorers.normal import Ignored, checked_ignored, normal
from kaizen_eval.evals.scorers.wording import shown, together

__all__ = ["AsSet", "Measure"]

Measure = Literal["f1", "precision", "recall"]
"""precision: of what came, the share that is expected. recall: of what is expected, the share that came. f1: their
harmonic mean.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsSet(Comparing):
    """Items in whatever order, however often; 1 where both lists hold the same.

    Precision of an empty list is 1, since nothing in it is wrong; so is recall where nothing is expected.
    """

    kind: ClassVar[str] = "as_set"

    measure: Measure = "f1"
    ignore: Sequence[Ignored] = ()
    """In items that are texts."""

    def __post_init__(self) -> None:
        one_of(f"measure of {self.kind}", self.measure, get_args(Measure))
        object.__setattr__(self, "ignore", checked_ignored(self.kind, self.ignore))
        Comparing.__post_init__(self)

    def compared(self, expected: Any, came: Any) -> Mark:
        wanted, found = json_value(expected), json_value(came)
        if not isinstance(wanted, list):
            raise TypeError(f"as_set compares lists; what is expected is {expected!r}")
        if not isinstance(found, list):
            return Mark(0.0, f"expected a list, got {shown(came)}")
        return self._measured(self._items(wanted), self._items(found))

    def _items(self, values: list[Any]) -> dict[Hashable, Any]:
        return {_key(self._normal(value)): value for value in values}

    def _normal(self, value: Any) -> Any:
        return normal(value, self.ignore) if self.ignore and isinstance(value, str) else value

    def _measured(self, wanted: Mapping[Hashable, Any], found: Mapping[Hashable, Any]) -> Mark:
        missing = [shown(wanted[key]) for key in wanted if key not in found]
        extra = [shown(found[key]) for key in found if key not in wanted]
        if not missing and not extra:
            return RIGHT
        precision, recall, f1 = _measures(len(wanted) - len(missing), len(missing), len(extra))
        what = [f"missing {together(missing)}"] if missing else []
        what += [f"too much {together(extra)}"] if extra else []
        value = {"f1": f1, "precision": precision, "recall": recall}[self.measure]
        return Mark(value, f"precision {precision:.2f}, recall {recall:.2f}: {', '.join(what)}")


def _measures(both: int, missing: int, extra: int) -> tuple[float, float, float]:
    precision = both / (both + extra) if both + extra else 1.0
    recall = both / (both + missing) if both + missing else 1.0
    return precision, recall, 2 * both / (2 * both + missing + extra)


def _key(value: Any) -> Hashable:
    """Equal for equal JSON values: 1 is 1.0, True is not 1."""
    if isinstance(value, list):
        return "list", tuple(map(_key, value))
    if isinstance(value, dict):
        return "object", frozenset((name, _key(item)) for name, item in value.items())
    return type(value) is bool, value
