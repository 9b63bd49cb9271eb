"""What a task raised, as the log keeps it."""

from __future__ import annotations

import traceback

from kaizen_eval.errors import BudgetExceeded, RunTimeout
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.trial import Failure
from kaizen_eval.named import is_users

__all__ = ["failure_of", "outcome_by"]

_LINES = 5


def failure_of(error: BaseException) -> Failure:
    """With its notes, and the last of the user's own lines that it came through."""
    message = "\n".join([str(error), *getattr(error, "__notes__", ())])
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_users(frame.filename)]
    shown = "".join(traceback.format_list(frames[-_LINES:]))
    return Failure(type=type(error).__name__, message=message, traceback=shown)


def outcome_by(error: BaseException) -> Outcome:
    """Of an agent's own time limit or budget, too."""
    if isinstance(error, RunTimeout):
        return Outcome.TIMEOUT
    return Outcome.BUDGET_EXCEEDED if isinstance(error, BudgetExceeded) else Outcome.TASK_ERROR
