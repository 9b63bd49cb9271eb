"""Many coroutines, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Literal, TypeVar, overload

__all__ = ["gather_bounded"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@overload
async def gather_bounded(
    work: Callable[[_Item], Coroutine[Any, Any, _Result]],
    items: Sequence[_Item],
    *,
    limit: int,
    return_errors: Literal[False] = False,
) -> list[_Result]: ...


@overload
async def gather_bounded(
    work: Callable[[_Item], Coroutine[Any, Any, _Result]], items: Sequence[_Item], *, limit: int, return_errors: bool
) -> list[_Result | Exception]: ...


async def gather_bounded(
    work: Callable[[_Item], Coroutine[Any, Any, _Result]],
    items: Sequence[_Item],
    *,
    limit: int,
    return_errors: bool = False,
) -> list[_Result | Exception] | list[_Result]:
    """Results in the order of the items, at most `limit` at a time.

    The first error cancels what is still under way and is raised; with `return_errors` it takes its result's
    place instead.
    """
    places = asyncio.Semaphore(limit)
    tasks: list[asyncio.Task[_Result | Exception]] = []

    async def one(item: _Item) -> _Result | Exception:
        async with places:
            try:
                return await work(item)
            except BaseException as error:
                if return_errors and isinstance(error, Exception):  # a strategy's own errors, too, are told in place
                    return error
                _cancel_others(tasks)  # before this place is free: none of them may begin
                raise

    tasks += [asyncio.ensure_future(one(item)) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        if not all(task.done() for task in tasks):
            _cancel_others(tasks)
            await asyncio.gather(*tasks, return_exceptions=True)


def _cancel_others(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Each once: a second time would tear it from its clean-up."""
    for task in tasks:
        if task is not asyncio.current_task() and not task.cancelling():
            task.cancel()
