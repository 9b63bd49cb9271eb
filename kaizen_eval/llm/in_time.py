"""Waiting for a provider, and no longer than it may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from kaizen_eval.errors import AttemptTimeout

__all__ = ["in_time"]

_T = TypeVar("_T")


async def in_time(answer: Awaitable[_T], seconds: float, late: Callable[[], AttemptTimeout]) -> _T:
    """The answer; after that time what `late` makes is raised. A timeout of the provider's own stays as it is."""
    scope = asyncio.timeout(seconds)
    try:
        async with scope:
            given = await answer
    except TimeoutError as error:
        if not scope.expired() or isinstance(error, AttemptTimeout):
            raise
        raise late() from error
    if scope.expired():  # the provider swallowed its cancellation
        raise late()
    return given
