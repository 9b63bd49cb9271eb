"""Executes workflows."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.runtime.execution import Execution, Results

__all__ = ["Execution", "Results"]

_HOMES = {
    "Execution": "execution",
    "Results": "execution",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
