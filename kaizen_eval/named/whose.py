"""Whose line it is: the user's, or that of a library below it."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Sequence

from kaizen_eval.tracebacks import is_foreign

__all__ = ["is_users", "users_frame"]

_STANDARD = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))


def is_users(file: str) -> bool:
    """Whether a file is none of Python's, this package's or an installed one's."""
    return not file.startswith(("<", *_STANDARD)) and not is_foreign(file)


def users_frame(stack: Sequence[traceback.FrameSummary]) -> traceback.FrameSummary | None:
    """The innermost of the user's."""
    return next((frame for frame in reversed(stack) if is_users(frame.filename)), None)
