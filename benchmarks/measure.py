"""Measure: CPU and wall time of small pieces of work, as rows with a bound."""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

__all__ = ["Row", "cpu_of_contenders", "cpu_per_await", "cpu_per_call", "python_seconds", "wall_best"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. `beside` is what it is compared with, measured in the same run."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    """The value must not be above it; None for figures that only inform, and for those that may be as high as they
    like.
    """
    at_least: float | None = None
    """The value must not be below it."""
    beside: str = ""

    @property
    def kept(self) -> bool:
        return (self.bound is None or self.value <= self.bound) and (
            self.at_least is None or self.value >= self.at_least
        )


def cpu_per_call(work: Callable[[], object], *, calls: int, rounds: int = 5) -> float:
    """Seconds of this process's CPU for one call: the median of several rounds, after one to warm up."""
    work()
    figures = []
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(calls):
            work()
        figures.append((time.process_time() - start) / calls)
    return statistics.median(figures)


def cpu_per_await(work: Callable[[], Awaitable[object]], *, calls: int = 1000) -> float:
    """The same of what is awaited, one after the other in one loop."""

    async def many() -> None:
        for _ in range(calls):
            await work()

    return cpu_per_call(lambda: asyncio.run(many()), calls=1) / calls


def cpu_of_contenders(contenders: dict[str, Callable[[], Awaitable[object]]], *, calls: int = 100) -> dict[str, float]:
    """CPU seconds of one call of each, in one loop, taking turns so that the machine's moods meet all alike."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}

    async def rounds() -> None:
        for _ in range(12):
            for name, work in contenders.items():
                start = time.process_time()
                for _ in range(calls):
                    await work()
                figures[name].append((time.process_time() - start) / calls)

    asyncio.run(rounds())
    return {name: min(found[1:]) for name, found in figures.items()}


def wall_best(work: Callable[[], object], *, rounds: int = 5) -> float:
    """Wall seconds of the best of several rounds: what the work costs when nothing else disturbs it."""
    figures = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        figures.append(time.perf_counter() - start)
    return min(figures)


def python_seconds(*arguments: str, rounds: int = 7) -> float:
    """CPU seconds of a fresh interpreter with these arguments, the best of several; other programs do not count, nor
    does compiling, which the first one does.
    """
    command = [sys.executable, *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    figures = []
    for _ in range(rounds + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        figures.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(figures[1:])
