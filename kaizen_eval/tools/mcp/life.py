"""A connection from its opening to its end, in a task of its own: what opens it must also close it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from contextvars import Context
from typing import Any

from kaizen_eval.errors import KaizenError, ToolServerFailed
from kaizen_eval.tools.mcp.link import Gone, Link

__all__ = ["Life", "innermost"]

_ENDING = 10.0
"""Seconds to end in; a program that does not end by itself is killed after four."""


class Life:
    """Begins at once."""

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[Link]]) -> None:
        loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[Link] = loop.create_future()
        self._closing = asyncio.Event()
        # It outlives the run that begins it, whose context it must not keep.
        self._task = loop.create_task(self._live(opened), context=Context())

    @property
    def is_over(self) -> bool:
        return self._task.done() or (self._ready.done() and self._ready.result().over.is_set())

    async def link(self) -> Link:
        """Once it is open.

        Raises:
            ToolServerFailed: why it could not be.
            Gone: it has ended.
        """
        opening: set[asyncio.Future[Any]] = {self._ready, self._task}
        await asyncio.wait(opening, return_when=asyncio.FIRST_COMPLETED)
        if self._ready.done():
            return self._ready.result()
        error = self._failure()
        if error is None or isinstance(error, KaizenError | Gone):
            raise error or Gone("the connection has ended")
        raise ToolServerFailed(f"{type(error).__name__}: {error}") from error

    async def end(self) -> None:
        """Let go of it; of one that failed, the failure too."""
        self._closing.set()
        if not self._ready.done():
            self._task.cancel()
        await asyncio.wait({self._task}, timeout=_ENDING)
        if self._task.done():
            self._failure()
        else:
            self._task.cancel()

    def _failure(self) -> BaseException | None:
        error = None if self._task.cancelled() else self._task.exception()
        return None if error is None else innermost(error)

    async def _live(self, opened: Callable[[], AbstractAsyncContextManager[Link]]) -> None:
        async with opened() as link:
            self._ready.set_result(link)
            over = asyncio.ensure_future(link.over.wait())
            closing = asyncio.ensure_future(self._closing.wait())
            try:
                await asyncio.wait({over, closing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                over.cancel()
                closing.cancel()


def innermost(error: BaseException) -> BaseException:
    """Of what a group holds the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
