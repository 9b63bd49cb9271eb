"""Keeps open what scorers ask, such as the model of a grader, as long as they judge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

__all__ = ["opened"]


@asynccontextmanager
async def opened(scorers: Iterable[Any]) -> AsyncIterator[None]:
    """In this block each grader keeps one client, instead of one for each question."""
    async with AsyncExitStack() as stack:
        for grader in _graders(scorers):
            await stack.enter_async_context(grader)
        yield


def _graders(scorers: Iterable[Any]) -> Iterator[Any]:
    """Those of scorers within others, too."""
    for scorer in scorers:
        grader = getattr(scorer, "grader", None)
        if hasattr(grader, "__aenter__"):
            yield grader
        of = getattr(scorer, "of", ())
        yield from _graders(of if isinstance(of, list | tuple) else ())
