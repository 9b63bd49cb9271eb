"""What is served on a thread with an event loop of its own, from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Self

__all__ = ["OwnThread", "cancel_others"]

_ENDING = 10.0
"""Seconds that it may take to end; it takes a thousandth of one."""


class OwnThread:
    """The base of a context manager, also for `async with`, that may be entered once."""

    def __init__(self, name: str) -> None:
        self._thread_name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._until: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    def start(self) -> None:
        """Begin; returns when it can be reached."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=self._thread_name, daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        """End it with its thread; a second time does nothing."""
        thread, loop, until = self._thread, self._loop, self._until
        if thread is None or loop is None or until is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(until.set)
        thread.join(_ENDING)

    async def _serve(self, ready: threading.Event, until: asyncio.Event) -> None:
        """Set `ready` once it can be reached, and serve until that moment."""
        raise NotImplementedError

    def _run(self, ready: threading.Event) -> None:
        asyncio.run(self._live(ready))

    async def _live(self, ready: threading.Event) -> None:
        self._loop, self._until = asyncio.get_running_loop(), asyncio.Event()
        await self._serve(ready, self._until)


async def cancel_others() -> None:
    """End all other tasks of this loop, and wait for them."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
