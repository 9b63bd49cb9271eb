"""Many coroutines, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from kaizen_eval.errors import KaizenError

__all__ = ["gather_bounded"]

Item = TypeVar("Item")
Result = TypeVar("Result")


async def gather_bounded(
    work: Callable[[Item], Awaitable[Result]], items: Sequence[Item], *, limit: int, return_errors: bool
) -> list[Result | KaizenError]:
    """Results in the order of the items, at most `limit` at a time.

    The first error cancels what is still under way and is raised; with `return_errors` a KaizenError takes its
    result's place instead.
    """
    places = asyncio.Semaphore(limit)

    async def one(item: Item) -> Result | KaizenError:
        async with places:
            try:
                return await work(item)
            except KaizenError as error:
                if not return_errors:
                    raise
                return error

    tasks = [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
