"""Exact match: each expected field is, as a JSON value, what came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from kaizen_eval.evals.scorers.compared import RIGHT, Comparing, Mark
from kaizen_eval.evals.scorers.json_values import json_value
from kaizen_eval.evals.scorers.wording import differing
from kaizen_eval.handwritten.equality import json_equal

__all__ = ["Exact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact(Comparing):
    """The share of expected values that came exactly: 1 is 1.0, True is not 1, and the order of names is no matter.

    What JSON does not know, such as a date or a model of pydantic, is compared as JSON writes it.
    """

    kind: ClassVar[str] = "exact"

    def compared(self, expected: Any, came: Any) -> Mark:
        if json_equal(expected, came) or json_equal(json_value(expected), json_value(came)):
            return RIGHT
        return Mark(0.0, differing(expected, came))
