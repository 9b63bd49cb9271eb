"""Patience: how long code may really wait, while somebody watches the clock on the wall."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

__all__ = ["check", "is_limited", "limited"]


class _Limit(NamedTuple):
    too_long: float
    refuse: Callable[[float], None]


_limits: list[_Limit] = []
"""Of this process; the last one counts."""


@contextmanager
def limited(too_long: float, refuse: Callable[[float], None]) -> Iterator[None]:
    """In this block, and in every thread, `refuse` is called with each wait of `too_long` real seconds or more.

    It is called where the wait would begin, and may raise NeedsVirtualTime.
    """
    limit = _Limit(too_long, refuse)
    _limits.append(limit)
    try:
        yield
    finally:
        _limits.remove(limit)


def is_limited() -> bool:
    """Whether anybody watches."""
    return bool(_limits)


def check(seconds: float) -> None:
    """Told before each real wait of ours."""
    if _limits and seconds >= _limits[-1].too_long:
        _limits[-1].refuse(seconds)
