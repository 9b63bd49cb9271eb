"""How long each step of a play's tasks held its event loop, by real clocks.

Where the system tells how often a thread gave its core away by itself (Linux does), a step in which it never did has
not waited: whatever real time it took beside its own was taken from it. Elsewhere a step counts as waiting when it did
so for much longer than it computed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any

__all__ = ["Step", "Steps"]

_BY_FAR = 10


@dataclass(frozen=True, slots=True)
class Step:
    """What a task did between two awaits."""

    task: str
    idle_ns: int
    """Real time in which its thread waited without giving the loop back."""
    cpu_ns: int
    """What its thread computed."""


class Steps:
    """A task factory that takes note of each step of the loop's tasks, in order."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def task(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Generator[Any, None, Any] | Coroutine[Any, Any, Any],
        **how: Any,
    ) -> asyncio.Task[Any]:
        return asyncio.Task(_Timed(coroutine, self.steps.append), loop=loop, **how)


class _Timed(Coroutine[Any, Any, Any]):
    """A coroutine, whose every step is timed."""

    def __init__(self, coroutine: Any, note: Callable[[Step], None]) -> None:
        self._coroutine, self._note = coroutine, note

    def send(self, value: Any) -> Any:
        return self._timed(self._coroutine.send, value)

    def throw(self, *error: Any) -> Any:
        return self._timed(self._coroutine.throw, *error)

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._coroutine.__await__()  # type: ignore[no-any-return]  # a coroutine's

    def _timed(self, step: Callable[..., Any], *given: Any) -> Any:
        waits, cpu, wall = _waits(), time.thread_time_ns(), time.perf_counter_ns()
        try:
            return step(*given)
        finally:
            wall, cpu = time.perf_counter_ns() - wall, time.thread_time_ns() - cpu
            idle = _idle(wall - cpu, cpu, None if waits is None else (_waits() or 0) - waits)
            self._note(Step(getattr(self._coroutine, "__qualname__", "?"), idle, cpu))


def _idle(beside_ns: int, cpu_ns: int, waits: int | None) -> int:
    """What of the time that a thread did not compute it waited by itself."""
    has_waited = beside_ns > _BY_FAR * cpu_ns if waits is None else waits > 0
    return max(0, beside_ns) if has_waited else 0


if sys.platform == "linux":
    import resource

    def _waits() -> int | None:
        """How often this thread has given its core away; None where that is not told."""
        return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw

else:

    def _waits() -> int | None:
        return None
