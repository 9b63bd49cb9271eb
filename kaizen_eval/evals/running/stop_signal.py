"""A wish to stop, from whatever thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["StopSignal"]


class StopSignal:
    """Set from another thread, or a signal handler; heard on the evaluation's loop."""

    def __init__(self) -> None:
        self._reason: str | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hear: Callable[[str], None] | None = None

    @property
    def is_set(self) -> bool:
        return self._reason is not None

    def set(self, reason: str) -> None:
        """The first reason counts."""
        if self._reason is None:
            self._reason = reason
            if self._loop is None or self._hear is None:
                return
            if asyncio._get_running_loop() is self._loop:  # noqa: SLF001 - None outside of loops, where its sister raises
                self._hear(reason)
            else:
                self._loop.call_soon_threadsafe(self._hear, reason)

    def listen(self, hear: Callable[[str], None]) -> None:
        """Call this on the running loop when it is set; at once, where it has been."""
        self._loop, self._hear = asyncio.get_running_loop(), hear
        if self._reason is not None:
            hear(self._reason)
