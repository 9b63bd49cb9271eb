"""Makes a deadlock readable: what every task waits for, in words, and in lines that are the reader's own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from kaizen_eval.tracebacks import is_foreign

__all__ = ["ADVICE", "describe", "place"]

ADVICE = (
    "Set or cancel what they wait for, or put a timeout around it. The clock waits for work in threads that "
    "asyncio.to_thread(), loop.run_in_executor() or anyio started, and for no other; real sockets need the real clock."
)
_ASYNCIO = str(Path(asyncio.__file__).parent)


def describe(tasks: Iterable[asyncio.Task[object]], now: float) -> str:
    """The text of the error: what waits, where, and what to do about it."""
    what = f"Deadlock on virtual time, at {now:g} s: everything waits, no timer is set, and nothing can wake it."
    lines = sorted(f"  {task.get_name()}: {_name(task)} waits at {place(task)}" for task in tasks)
    return "\n".join([what, *lines, ADVICE])


def _name(task: asyncio.Task[object]) -> str:
    coroutine = task.get_coro()
    return str(getattr(coroutine, "__qualname__", coroutine))


def place(task: asyncio.Task[Any]) -> str:
    """Where a task waits: the deepest line that is the reader's own, who can do something there; else one that says
    what it waits for.
    """
    frames = list(_frames(task.get_coro()))
    readers = [frame for frame in frames if not is_foreign(frame.f_code.co_filename)]
    others = [frame for frame in frames if not frame.f_code.co_filename.startswith(_ASYNCIO)]
    deepest = next(reversed(readers or others or frames), None)
    return "an unknown place" if deepest is None else f"{deepest.f_code.co_filename}:{deepest.f_lineno}"


def _frames(awaitable: object) -> Iterator[FrameType]:
    """From the outside in, through coroutines, generators and async generators."""
    while awaitable is not None:
        frame = _attribute(awaitable, "frame")
        if isinstance(frame, FrameType):
            yield frame
        awaitable = _attribute(awaitable, "await") or _attribute(awaitable, "yieldfrom")


def _attribute(awaitable: object, name: str) -> object:
    found = (getattr(awaitable, f"{kind}_{name}", None) for kind in ("cr", "gi", "ag"))
    return next((value for value in found if value is not None), None)
