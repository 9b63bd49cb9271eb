"""Batches: what is to be written waits while the file is written, and is then written together."""

from __future__ import annotations

import asyncio

# For asyncio, which else loads it when it is first used, in whatever thread: see kaizen_eval.memory.sqlite.
import concurrent.futures.thread  # noqa: F401 - see above
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

__all__ = ["Batches", "in_thread"]

_T = TypeVar("_T")
_Outcome = BaseException | None


async def in_thread(work: Callable[[], _T], *, dropped: Callable[[_T], object] = lambda _: None) -> _T:
    """Its result; a disk may be slow. One who is cancelled waits for its end, and the result is `dropped`."""
    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        future.add_done_callback(lambda done: None if _failed(done) else dropped(done.result()))
        await asyncio.wait([future])
        raise


class Batches(Generic[_T]):
    """Of one event loop.

    Args:
        write: the pieces, in order, in a thread; returns what came of each: None, or what is to be raised.
    """

    def __init__(self, write: Callable[[list[_T]], list[_Outcome]]) -> None:
        self._write = write
        self._waiting: list[tuple[_T, asyncio.Future[None]]] = []
        self._is_writing = False

    async def put(self, piece: _T) -> None:
        """It is written when this returns, and also where the caller is cancelled: only later."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_failed)
        self._waiting.append((piece, future))
        if not self._is_writing:
            self._write_next()
        try:
            await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise

    def _write_next(self) -> None:
        batch, self._waiting = self._waiting, []
        self._is_writing = bool(batch)
        if batch:
            pieces = [piece for piece, _ in batch]
            writing = asyncio.get_running_loop().run_in_executor(None, self._write, pieces)
            writing.add_done_callback(partial(self._settle, [future for _, future in batch]))

    def _settle(self, futures: list[asyncio.Future[None]], writing: asyncio.Future[list[_Outcome]]) -> None:
        error = _failed(writing)
        outcomes = writing.result() if error is None else [error] * len(futures)
        for future, outcome in zip(futures, outcomes, strict=True):
            if outcome is None:
                future.set_result(None)
            else:
                future.set_exception(outcome)
        self._write_next()


def _failed(future: asyncio.Future[_T]) -> _Outcome:
    """Looked at, or asyncio tells of an error that nobody looked at: `shield` looks no more once it was cancelled."""
    return asyncio.CancelledError() if future.cancelled() else future.exception()
