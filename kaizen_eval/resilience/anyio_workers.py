"""anyio's worker threads, which it starts and feeds without asking the event loop."""

from __future__ import annotations

import asyncio
import sys
import threading

__all__ = ["at_work"]

_BACKEND = "anyio._backends._asyncio"


def at_work(loop: asyncio.AbstractEventLoop) -> set[int]:
    """The threads that work for this loop, by `ident`; asked on the loop's own thread, which hands out the work."""
    backend = sys.modules.get(_BACKEND)
    if backend is None:
        return set()
    return {
        thread.ident
        for thread in threading.enumerate()
        if isinstance(thread, backend.WorkerThread) and thread.loop is loop
        if thread.ident is not None and thread not in thread.idle_workers and not thread.stopping
    }
