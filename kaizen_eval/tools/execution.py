"""A function carried out to its end, or to its time's."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from kaizen_eval.bridge import CLEANUP_SECONDS
from kaizen_eval.resilience.daemon_threads import DaemonThreads
from kaizen_eval.tools.reading import underlying

__all__ = ["Ended", "carried_out", "ended_within"]

_threads = DaemonThreads("kaizen-eval tool")


@dataclass(frozen=True, slots=True)
class Ended:
    """Not an exception that is raised: a future cannot hold a StopIteration, and would never end."""

    value: Any = None
    error: BaseException | None = None


async def ended_within(seconds: float | None, work: Coroutine[Any, Any, Ended]) -> Ended | None:
    """How the work ended; None when it had to be cut off, which what swallows its cancellation survives."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            await _cut_off(task)
            return None
    except asyncio.CancelledError:
        await _cut_off(task)
        raise
    if task.cancelled():
        return Ended(error=asyncio.CancelledError("it was cancelled"))
    return task.result()


async def carried_out(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Ended:
    """A coroutine function on this loop, another one in a thread, with the context variables of here."""
    if inspect.iscoroutinefunction(underlying(function)):
        return await _awaited(function(*args, **kwargs))
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()
    ended = await loop.run_in_executor(_threads, lambda: context.run(_called, function, *args, **kwargs))
    return await _awaited(ended.value) if inspect.isawaitable(ended.value) else ended


def _called(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Ended:
    try:
        return Ended(function(*args, **kwargs))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whoever called decides what becomes of it
        return Ended(error=error)


async def _awaited(outcome: Awaitable[Any]) -> Ended:
    try:
        return Ended(await outcome)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whoever called decides what becomes of it
        return Ended(error=error)


async def _cut_off(task: asyncio.Task[Any]) -> None:
    """Cancel it and wait until it has ended; one that does not is left behind."""
    task.cancel()
    await asyncio.wait({task}, timeout=CLEANUP_SECONDS)
