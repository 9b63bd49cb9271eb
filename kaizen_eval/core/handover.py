"""Handover: one item at a time from a run to its reader; the run goes on when the reader asks for the next."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from kaizen_eval.events import Event

__all__ = ["Handover"]


class Handover:
    """The `Sink` of one run. Everything is called on the run's own loop."""

    def __init__(self, *, restart: bool = False) -> None:
        self.restart = restart
        self._offers: deque[tuple[Event, asyncio.Future[None]]] = deque()
        self._taken: asyncio.Future[None] | None = None
        """Of the item that the reader looks at; whoever put it waits for this."""
        self._news = asyncio.Event()
        self._is_closed = False

    async def put(self, event: Event) -> None:
        """Returns once the reader has taken it and asks for more.

        Raises:
            asyncio.CancelledError: the reader has left, and with it the run's reason to go on.
        """
        if self._is_closed:
            raise asyncio.CancelledError
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._offers.append((event, taken))
        self._news.set()
        await taken

    async def take(self, run: asyncio.Task[Any]) -> Event | None:
        """The next item; None once the run is over."""
        self._let_go()
        while not (run.done() or self._is_closed):
            while self._offers:
                event, taken = self._offers.popleft()
                if not taken.done():  # whoever put it may have been cancelled meanwhile
                    self._taken = taken
                    return event
            self._news.clear()
            await self._news.wait()
        return None

    def over(self, _: object = None) -> None:
        """Wake the reader, since the run has ended."""
        self._news.set()

    def close(self) -> None:
        """The reader has left: whoever waits for it is cancelled."""
        self._is_closed = True
        for taken in (self._taken, *(taken for _, taken in self._offers)):
            if taken is not None:
                taken.cancel()
        self._offers.clear()
        self._news.set()

    def _let_go(self) -> None:
        taken, self._taken = self._taken, None
        if taken is not None and not taken.done():
            taken.set_result(None)
