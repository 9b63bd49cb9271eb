"""Grading: answers judged by a model, which is an agent like any other."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.evals.grading.asking import Grading, Preference
    from kaizen_eval.evals.grading.graded import Graded
    from kaizen_eval.evals.grading.preferred import Preferred

__all__ = ["Graded", "Grading", "Preference", "Preferred"]

_HOMES = {
    "Graded": "graded",
    "Grading": "asking",
    "Preference": "asking",
    "Preferred": "preferred",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
