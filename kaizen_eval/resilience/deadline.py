"""Deadline: the moment at which a run must have ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kaizen_eval.errors import RunTimeout

__all__ = ["Deadline"]


class Deadline:
    """A moment on the running loop's clock. Made inside a loop; it runs from then on.

    Args:
        seconds: how long from now.
        inherited: the deadline of the run that this one is part of; the earlier one counts.
    """

    def __init__(self, seconds: float, *, inherited: Deadline | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self.seconds = seconds
        self.at = self._loop.time() + seconds
        if inherited is not None and inherited.remaining() < seconds:
            self.seconds = inherited.remaining()
            self.at = self._loop.time() + self.seconds

    def remaining(self) -> float:
        """Seconds left; negative once it has passed. Clocks of loops on one machine agree."""
        return self.at - self._loop.time()

    @asynccontextmanager
    async def enforced(self) -> AsyncIterator[None]:
        """Cancel the block at the deadline.

        Raises:
            RunTimeout: also when the block swallowed the cancellation and ended late.
        """
        scope = asyncio.timeout_at(self.at)
        try:
            async with scope:
                yield
        except TimeoutError as error:
            if not scope.expired() or isinstance(error, RunTimeout):
                raise
            raise self._passed() from error
        if scope.expired():
            raise self._passed()

    def _passed(self) -> RunTimeout:
        return RunTimeout(f"The run did not finish within its timeout of {self.seconds:g} s.")
