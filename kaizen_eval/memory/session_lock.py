"""One run of a session at a time, whatever threads and event loops the runs are on."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import finalize

from kaizen_eval.memory.base import Memory

__all__ = ["hold"]

_Waiter = tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]


class _Queues:
    """The sessions of one memory that are in use, each with those who wait for it, first come first served."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[_Waiter]] = {}
        self._lock = threading.Lock()

    def enter(self, session_id: str) -> _Waiter | None:
        """None when the session is ours at once, else the place in its queue."""
        with self._lock:
            if session_id not in self._waiting:
                self._waiting[session_id] = deque()
                return None
            loop = asyncio.get_running_loop()
            waiter = (loop, loop.create_future())
            self._waiting[session_id].append(waiter)
            return waiter

    def give_up(self, session_id: str, waiter: _Waiter) -> None:
        """Leave the queue; a session that was handed over already is passed on."""
        with self._lock:
            queue = self._waiting.get(session_id, deque())
            if waiter in queue:
                queue.remove(waiter)
                return
        self.leave(session_id)

    def leave(self, session_id: str) -> None:
        """Hand the session to the next in its queue, on that one's own loop."""
        while True:
            with self._lock:
                queue = self._waiting[session_id]
                if not queue:
                    del self._waiting[session_id]
                    return
                loop, future = queue.popleft()
            if _wake(loop, future):
                return


def _wake(loop: asyncio.AbstractEventLoop, future: asyncio.Future[None]) -> bool:
    """False when the waiter's loop is gone."""
    try:
        loop.call_soon_threadsafe(_settle, future)
    except RuntimeError:
        return False
    return True


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


_queues: dict[int, _Queues] = {}
_immortal: list[Memory] = []
_queues_lock = threading.Lock()


def _forget_the_parents_runs() -> None:
    """In a forked child nobody holds a session: those who did are threads of the parent."""
    global _queues_lock  # noqa: PLW0603 - the parent's lock may have been held by a thread that is not here
    _queues_lock = threading.Lock()
    for key in _queues:
        _queues[key] = _Queues()


os.register_at_fork(after_in_child=_forget_the_parents_runs)


def _queues_of(memory: Memory) -> _Queues:
    """By identity: a user's memory need not be hashable."""
    with _queues_lock:
        if id(memory) not in _queues:
            _queues[id(memory)] = _Queues()
            try:
                finalize(memory, _queues.pop, id(memory), None)
            except TypeError:  # no weak references: kept for ever, so that its id is never another's
                _immortal.append(memory)
        return _queues[id(memory)]


@asynccontextmanager
async def hold(memory: Memory, session_id: str) -> AsyncIterator[None]:
    """Wait until nobody else holds the session, and hold it for the block. A waiter that is cancelled leaves."""
    queues = _queues_of(memory)
    waiter = queues.enter(session_id)
    if waiter is not None:
        try:
            await waiter[1]
        except asyncio.CancelledError:
            queues.give_up(session_id, waiter)
            raise
    try:
        yield
    finally:
        queues.leave(session_id)
