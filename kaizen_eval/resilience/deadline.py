"""Deadline: the moment at which a run must have ended."""

from __future__ import annotations

import asyncio
from types import TracebackType

from kaizen_eval.errors import RunTimeout

__all__ = ["Deadline", "Enforced"]


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

    def enforced(self) -> Enforced:
        """A block that is cancelled at the deadline and then raises RunTimeout."""
        return Enforced(self)


class Enforced:
    """`asyncio.timeout_at` with an error of ours, raised also when the block swallowed the cancellation."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._scope = asyncio.timeout_at(deadline.at)

    async def __aenter__(self) -> None:
        await self._scope.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._scope.__aexit__(kind, error, trace)
        except TimeoutError as cut:
            raise self._passed() from cut
        if error is None and self._scope.expired():
            raise self._passed()

    def _passed(self) -> RunTimeout:
        return RunTimeout(f"The run did not finish within its timeout of {self._deadline.seconds:g} s.")
