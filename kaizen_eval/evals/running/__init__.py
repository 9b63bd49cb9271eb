"""Runs evaluations: trials, as many at a time as are let, each ending in a record whatever happens."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.evals.running.evaluation import Evaluation
    from kaizen_eval.evals.running.executor import Executor, Job, Reports
    from kaizen_eval.evals.running.in_loop import evaluate_async
    from kaizen_eval.evals.running.in_thread import evaluate
    from kaizen_eval.evals.running.stop_signal import StopSignal

__all__ = ["Evaluation", "Executor", "Job", "Reports", "StopSignal", "evaluate", "evaluate_async"]

_HOMES = {
    "Evaluation": "evaluation",
    "Executor": "executor",
    "Job": "executor",
    "Reports": "executor",
    "StopSignal": "stop_signal",
    "evaluate": "in_thread",
    "evaluate_async": "in_loop",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
