"""What became of one trial, the kinds kept apart."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Outcome"]


class Outcome(StrEnum):
    """A failed trial has an answer that is not good enough; the others have none that could be judged."""

    PASSED = "passed"
    FAILED = "failed"
    TASK_ERROR = "task_error"
    """The agent raised."""
    SCORER_ERROR = "scorer_error"
    """A scorer raised, or gave what is no score; the answer is kept, and can be scored again."""
    TIMEOUT = "timeout"
    """The trial's time was up, or the run's own."""
    BUDGET_EXCEEDED = "budget_exceeded"
    """More was spent than the case's limits, or a budget of the agent's, allow."""
    NOT_RUN = "not_run"
    """Planned, and not begun, or not finished: the evaluation was stopped before."""

    @property
    def is_scored(self) -> bool:
        """Whether it says how good the answer is."""
        return self in {Outcome.PASSED, Outcome.FAILED}
