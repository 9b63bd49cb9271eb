"""Places: how many plain functions are executed at a time, each in a thread of its own."""

from __future__ import annotations

import asyncio

from kaizen_eval.resilience.clock import VirtualLoop

__all__ = ["Places"]

_FEW = 16
_MANY = 128
_LOOK_SECONDS = 0.002


class Places:
    """Few at first, as many threads with little to do wait for each other most of the time; many as soon as somebody
    waits for a place and nobody has left one for a moment.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._may_grow = not isinstance(self._loop, VirtualLoop)  # whose time stands still while a thread works
        self._free = asyncio.Semaphore(_FEW if self._may_grow else _MANY)
        self._is_watched = False
        self._left = 0
        """How many have left a place so far."""

    async def __aenter__(self) -> None:
        if self._may_grow and not self._is_watched and self._free.locked():
            self._watch()
        await self._free.acquire()

    async def __aexit__(self, *exc_info: object) -> None:
        self._left += 1
        self._free.release()

    def _watch(self) -> None:
        self._is_watched = True
        at = self._loop.time() + _LOOK_SECONDS
        self._loop.call_at(at, self._look, at, self._left)

    def _look(self, at: float, left: int) -> None:
        self._is_watched = False
        if not self._free.locked():
            return
        was_busy = self._loop.time() - at > _LOOK_SECONDS  # the loop itself: nobody could leave a place
        if was_busy or self._left != left:
            self._watch()
            return
        self._may_grow = False
        for _ in range(_MANY - _FEW):
            self._free.release()
