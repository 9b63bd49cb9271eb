"""Delivers what an event brings: each part at its instant, and no longer than the client has patience."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Generic, NoReturn, Protocol, TypeVar

from kaizen_eval.fake.client.reader import Lost
from kaizen_eval.resilience.clock import now_ns, sleep

__all__ = ["Delivery", "Timed", "silence"]


class Timed(Protocol):
    """Something that is due."""

    @property
    def at(self) -> float:
        """Seconds after the response was due."""
        ...


_Due = TypeVar("_Due", bound=Timed)


class Delivery(Generic[_Due]):
    """Goes through a course in time; its instants are absolute, so that what comes late delays nothing else."""

    def __init__(self, course: Iterator[_Due]) -> None:
        self._course = course
        self._start = now_ns()

    async def next(self, patience: float | None) -> _Due | None:
        """What comes next, once it is due; None where nothing does.

        Args:
            patience: seconds after which the client gives up; None waits for as long as it takes.

        Raises:
            Lost: the client gave up.
        """
        due = next(self._course, None)
        if due is not None:
            await self._until(due.at, patience)
        return due

    def is_over(self) -> bool:
        """Whether nothing more was to come; uses up what was."""
        return next(self._course, None) is None

    async def _until(self, at: float, patience: float | None) -> None:
        seconds = (self._start + round(at * 1e9) - now_ns()) / 1e9
        if patience is not None and seconds > patience:
            await silence(patience)
        if seconds > 0:
            await sleep(seconds)


async def silence(patience: float | None) -> NoReturn:
    """Nothing, until the client gives up.

    Raises:
        Lost: it did.
    """
    wait = math.inf if patience is None else patience
    await sleep(wait)
    raise Lost("ReadTimeout", f"no answer within {wait:g} s")
