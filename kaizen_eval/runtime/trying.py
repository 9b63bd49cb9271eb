"""Tries of one node, or of one of its items: each within the node's timeout, with waits in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Any

from kaizen_eval.events import NodeRetried
from kaizen_eval.resilience.clock import sleep
from kaizen_eval.run_context import RunContext
from kaizen_eval.runtime.again import wait_before_try
from kaizen_eval.runtime.failure import Failure, Late
from kaizen_eval.tools.execution import Ended, ended_within
from kaizen_eval.workflow.node import Node

__all__ = ["Try"]

_unseeded = Random()  # noqa: S311 - jitter is no secret


class Try:
    """What is tried.

    Args:
        node: whose timeout and retry policy count.
        path: its id, with those around it.
        item: the index and the item itself, of a node with `each`.
    """

    def __init__(self, node: Node, path: str, *, item: tuple[int, Any] | None = None) -> None:
        self._node = node
        self._path = path
        self._index = None if item is None else item[0]
        self._item = None if item is None else item[1]

    async def succeeded(
        self,
        once: Callable[[], Awaitable[Any]],
        run: RunContext,
        place: Callable[[], AbstractAsyncContextManager[object]],
    ) -> Any:
        """What it came to at last; each try waits for a place first, which takes none of its time.

        Raises:
            Failure: the last try failed, or there is no time to wait for another.
        """
        failed = 0
        while True:
            try:
                async with place():
                    return await self._in_time(once)
            except Failure as failure:
                failed += 1
                cause = failure.cause
                seconds = wait_before_try(self._node.retry, failed, cause, self._random(run, failed))
                if seconds is None or seconds >= run.deadline.remaining():
                    raise
                error = failure.error
            run.tell(NodeRetried, node=self._path, item=self._index, attempt=failed, seconds=seconds, error=error)
            await sleep(seconds)

    async def _in_time(self, once: Callable[[], Awaitable[Any]]) -> Any:
        seconds = self._node.timeout
        if seconds is None:
            return await self.told(once)
        ended = await ended_within(seconds, _ended(lambda: self.told(once)))
        if ended is None:
            raise Late(self._path, seconds, item=self._index, of=self._item)
        try:
            if ended.error is not None:
                raise ended.error
            return ended.value
        finally:
            del ended  # the error's traceback holds this frame: no cycle

    async def told(self, once: Callable[[], Awaitable[Any]]) -> Any:
        """With what it raises as a Failure of this node; that of a node inside is told as it is."""
        try:
            return await once()
        except Failure:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a node raises is its failure
            raise Failure(self._path, error, item=self._index, of=self._item) from None
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise Failure(self._path, error, item=self._index, of=self._item) from None

    def _random(self, run: RunContext, failed: int) -> Random:
        lot = run.draw.name
        return _unseeded if lot == "" else Random(f"{lot}:{self._path}:{self._index}:{failed}")  # noqa: S311 - as above


async def _ended(work: Callable[[], Awaitable[Any]]) -> Ended:
    try:
        return Ended(await work())
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001 - whoever waits for the end raises it
        return Ended(error=error)
