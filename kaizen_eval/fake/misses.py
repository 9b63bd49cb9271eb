"""Misses of this process that nobody has forgiven: what lets a test runner fail a test whose agent ate one."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

__all__ = ["Miss", "forgive", "record", "take"]


class Miss(NamedTuple):
    """One request that no rule of a fake was for."""

    fake: object
    """Which fake; compared by identity."""
    message: str
    """What the ScriptMiss said."""


_LONGEST = 1000
"""A program that misses for ever outside of tests does not fill the memory."""

_unforgiven: deque[Miss] = deque(maxlen=_LONGEST)


def record(fake: object, message: str) -> None:
    _unforgiven.append(Miss(fake, message))


def forgive(fake: object) -> None:
    """Forget this fake's misses."""
    kept = [miss for miss in _unforgiven if miss.fake is not fake]
    _unforgiven.clear()
    _unforgiven.extend(kept)


def take() -> tuple[Miss, ...]:
    """The misses since the last time, in order; they are forgotten."""
    taken = []
    while _unforgiven:
        taken.append(_unforgiven.popleft())
    return tuple(taken)
