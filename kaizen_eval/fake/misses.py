"""Misses of this process that nobody has forgiven: what lets a test runner fail a test whose agent ate one."""

from __future__ import annotations

import threading
from collections import deque
from typing import NamedTuple

from kaizen_eval.errors import KaizenError

__all__ = ["Miss", "forgive", "record", "take"]


class Miss(NamedTuple):
    """One request that a fake, or a cassette, had no answer for."""

    fake: object
    """Which of them; compared by identity."""
    message: str
    """What was raised, in its words."""
    kind: type[KaizenError]
    """ScriptMiss where a rule was missing."""


_LONGEST = 1000
"""A program that misses for ever outside of tests does not fill the memory."""

_lock = threading.Lock()
"""Fakes of several threads record while one forgives."""
_unforgiven: deque[Miss] = deque(maxlen=_LONGEST)


def record(fake: object, error: KaizenError) -> None:
    miss = Miss(fake, str(error), type(error))
    with _lock:
        _unforgiven.append(miss)


def forgive(fake: object) -> None:
    """Forget this fake's misses."""
    with _lock:
        kept = [miss for miss in _unforgiven if miss.fake is not fake]
        _unforgiven.clear()
        _unforgiven.extend(kept)


def take() -> tuple[Miss, ...]:
    """The misses since the last time, in order; they are forgotten."""
    with _lock:
        taken = tuple(_unforgiven)
        _unforgiven.clear()
    return taken
