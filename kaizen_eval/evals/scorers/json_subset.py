"""JSON subset: what is expected is there, whatever else is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from kaizen_eval.evals.scorers.compared import Comparing, Mark
from kaizen_eval.evals.scorers.json_values import json_value
from kaizen_eval.evals.scorers.wording import differing, shown, together
from kaizen_eval.handwritten.equality import json_equal

__all__ = ["JsonSubset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSubset(Comparing):
    """The share of expected values that came at their places.

    Objects may hold more than is expected; lists may not, and keep their order.
    """

    kind: ClassVar[str] = "json_subset"

    def compared(self, expected: Any, came: Any) -> Mark:
        found = list(_leaves(json_value(expected), json_value(came), ""))
        wrong = [reason for reason in found if reason]
        return Mark(1 - len(wrong) / len(found), together(wrong))


def _leaves(expected: Any, came: Any, at: str) -> Iterator[str]:
    """Of each expected value that holds no others, what is wrong with it: empty where nothing is."""
    if isinstance(expected, dict) and isinstance(came, dict) and expected:
        for name, value in expected.items():
            yield from _leaves(value, came[name], f"{at}.{name}") if name in came else [f"there is no {at}.{name}"]
    elif isinstance(expected, list) and isinstance(came, list) and expected:
        for place, value in enumerate(expected):
            below = f"{at}[{place}]"
            yield from _leaves(value, came[place], below) if place < len(came) else [f"there is no {below}"]
        if len(came) > len(expected):
            yield f"{at}[{len(expected)}] is {shown(came[len(expected)])}, and no more was expected"
    else:
        is_object = expected == {} and isinstance(came, dict)
        yield "" if is_object or json_equal(expected, came) else f"{differing(expected, came)}{at and f' at {at}'}"
