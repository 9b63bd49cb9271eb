"""Executes workflows."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.runtime.execution import Execution, Results
    from kaizen_eval.runtime.kailash import to_kailash
    from kaizen_eval.runtime.local import LocalRuntime

__all__ = ["Execution", "LocalRuntime", "Results", "to_kailash"]

_HOMES = {
    "Execution": "execution",
    "LocalRuntime": "local",
    "Results": "execution",
    "to_kailash": "kailash",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
