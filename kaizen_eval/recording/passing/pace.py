"""When each part of a recorded answer is due."""

from __future__ import annotations

from typing import Protocol

from kaizen_eval.bridge import run
from kaizen_eval.errors import NeedsVirtualTime
from kaizen_eval.recording.settings import Pace
from kaizen_eval.resilience.clock import current_clock, now_ns, sleep

__all__ = ["AT_ONCE", "Late", "Pacing", "outlast", "pacing"]

_VIRTUAL_DAY = 86_400.0
_REAL_SECONDS = 5.0
"""Longer than any race of several requests takes to cancel those that lost."""


class Late(Exception):
    """The client lost its patience."""


class Pacing(Protocol):
    async def until(self, at_us: int) -> None:
        """Wait until so many microseconds have passed since the request was sent.

        Raises:
            Late: the client would not wait for so long.
        """
        ...

    def until_sync(self, at_us: int) -> None:
        """The same, for synchronous code."""
        ...


class _AtOnce:
    async def until(self, at_us: int) -> None:
        """It is due."""

    def until_sync(self, at_us: int) -> None:
        """It is due."""


AT_ONCE: Pacing = _AtOnce()


class _AsRecorded:
    """Its instants are absolute, so that a slow reader delays nothing."""

    def __init__(self, patience: float | None) -> None:
        """Args:
        patience: seconds that the client waits for each part.
        """
        self._patience = patience
        self._start_ns = now_ns()

    async def until(self, at_us: int) -> None:
        seconds = (self._start_ns + at_us * 1000 - now_ns()) / 1e9
        if self._patience is not None and seconds > self._patience:
            await sleep(self._patience)
            raise Late(f"no answer within {self._patience:g} s")
        if seconds > 0:
            await sleep(seconds)

    def until_sync(self, at_us: int) -> None:
        run(lambda: self.until(at_us))


def pacing(pace: Pace, *, patience: float | None) -> Pacing:
    """For a request that is sent now.

    Raises:
        NeedsVirtualTime: it would really have to be waited for.
    """
    if pace == "instant":
        return AT_ONCE
    if current_clock() is None:
        raise NeedsVirtualTime(
            "pace='recorded' takes as long as what was recorded, and time is real here. Use pace='instant', or let the "
            "test run on virtual time: with the fixture kaizen_clock, or inside `with virtual_time() as clock:` by "
            "clock.run(…)."
        )
    return _AsRecorded(patience)


async def outlast(patience: float | None, *, after_us: int) -> None:
    """Wait for whoever gave up on this when it was recorded to do so again; return where nobody does.

    Args:
        patience: seconds that the client waits for each part.
        after_us: when they gave up.

    Raises:
        Late: the client lost its patience.
    """
    limit = after_us / 1e6 + (_REAL_SECONDS if current_clock() is None else _VIRTUAL_DAY)
    if patience is not None and patience < limit:
        await sleep(patience)
        raise Late(f"no answer within {patience:g} s")
    await sleep(limit)
