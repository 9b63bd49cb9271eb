"""Where a thread is just now: the innermost line that is the user's."""

from __future__ import annotations

import sys
import traceback

from kaizen_eval.named import users_frame

__all__ = ["thread_place"]


def thread_place(thread: int) -> str | None:
    """File and line, by `threading.get_ident()`; None where there is no such thread."""
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - the one way to see a thread
    if frame is None:
        return None
    stack = traceback.extract_stack(frame)
    line = users_frame(stack) or stack[-1]
    return f"{line.filename}:{line.lineno}"
