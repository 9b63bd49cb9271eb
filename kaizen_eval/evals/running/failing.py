"""What a task raised, as the log keeps it."""

from __future__ import annotations

import traceback

from kaizen_eval.evals.trial import Failure
from kaizen_eval.named import is_users

__all__ = ["failure_of"]

_LINES = 5


def failure_of(error: BaseException) -> Failure:
    """With its notes, and the last of the user's own lines that it came through."""
    message = "\n".join([str(error), *getattr(error, "__notes__", ())])
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_users(frame.filename)]
    shown = "".join(traceback.format_list(frames[-_LINES:]))
    return Failure(type=type(error).__name__, message=message, traceback=shown)
