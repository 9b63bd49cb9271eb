"""RealClock: what a fake's `.clock` is where time is real."""

from __future__ import annotations

import time

__all__ = ["RealClock"]


class RealClock:
    """Seconds on the monotonic clock, and since this object was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def now(self) -> float:
        return time.monotonic()

    @property
    def elapsed(self) -> float:
        return round(self.now - self._start, 6)
