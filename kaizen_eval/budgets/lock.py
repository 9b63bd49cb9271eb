"""One lock over what all budgets count: what several of them allow is asked and taken at once."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager

__all__ = ["locked"]

_lock = threading.RLock()  # not Lock: the garbage collector may end a run that somebody dropped, at any moment


def locked() -> AbstractContextManager[bool]:
    """The lock, to be held for as long as figures are looked at or changed."""
    return _lock


def _renew() -> None:
    """In a forked child the thread that held the parent's lock is not there to let go of it."""
    global _lock  # noqa: PLW0603 - there is one lock
    _lock = threading.RLock()


os.register_at_fork(after_in_child=_renew)
