"""What time it is: the running loop's time, which under `virtual_time()` is virtual."""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from kaizen_eval.errors import Deadlock, UsageError
from kaizen_eval.resilience import patience
from kaizen_eval.resilience.timeline import Timeline
from kaizen_eval.resilience.virtual_loop import TimelineLoop
from kaizen_eval.tracebacks import shorten

__all__ = [
    "WALL_EPOCH",
    "VirtualClock",
    "VirtualLoop",
    "current_clock",
    "elapsed_ms",
    "now_ns",
    "sleep",
    "virtual_time",
    "wall_time",
]

_T = TypeVar("_T")
_running_loop = asyncio._get_running_loop  # noqa: SLF001 - None outside of loops, where its sister raises

WALL_EPOCH = 1_735_689_600.0
"""What `wall_time()` says when a virtual clock starts: 2025-01-01T00:00:00Z, in every process."""


class VirtualClock(Timeline):
    """The clock of `virtual_time()`: starts at 1000 s and jumps from timer to timer, exact to the nanosecond."""

    def __init__(self) -> None:
        super().__init__()
        self._at_leave = ExitStack()

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run it to its end on a fresh loop of this clock; what it raises is raised. Time goes on from call to call."""
        if _running_loop() is not None:
            coroutine.close()
            raise UsageError("clock.run() was called inside a running event loop; await the coroutine there instead")
        try:
            with asyncio.Runner(loop_factory=lambda: VirtualLoop(self)) as runner:
                return runner.run(coroutine)
        except Deadlock as error:
            shorten(error)
            raise

    def at_leave(self, callback: Callable[[], None]) -> None:
        """Call this when the outermost `virtual_time()` is left; the latest first."""
        self._at_leave.callback(callback)

    def close(self) -> None:
        self._at_leave.close()


class VirtualLoop(TimelineLoop):
    """A loop on the given clock, on that of `virtual_time()`, or else on one of its own; a `loop_factory` as it is."""

    def __init__(self, clock: VirtualClock | None = None, *, background: bool = False) -> None:
        given = clock or _actives.clock
        self._owns_clock = given is None
        self.clock = given or VirtualClock()
        super().__init__(self.clock, background=background)

    def close(self) -> None:
        super().close()
        if self._owns_clock:
            self.clock.close()


class _Actives:
    """The clock of this process, and how many `virtual_time()` blocks are open."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.clock: VirtualClock | None = None
        self.blocks = 0

    def enter(self) -> VirtualClock:
        with self.lock:
            self.clock = self.clock or VirtualClock()
            self.blocks += 1
            return self.clock

    def leave(self) -> None:
        with self.lock:
            self.blocks -= 1
            if self.blocks:
                return
            left, self.clock = self.clock, None
        if left is not None:
            left.close()

    def after_fork(self) -> None:
        self.lock = threading.Lock()
        if self.clock is not None:
            self.clock.forget_other_threads()


_actives = _Actives()
os.register_at_fork(after_in_child=_actives.after_fork)


@contextmanager
def virtual_time() -> Iterator[VirtualClock]:
    """Let time be virtual in this process, for `clock.run()` and for agents' `run()`; a block within one shares it."""
    loop = _running_loop()
    if loop is not None and not (isinstance(loop, VirtualLoop) and loop.clock is _actives.clock):
        raise UsageError(
            "virtual_time() was entered inside a running event loop, whose clock cannot be exchanged; enter it before "
            "the loop starts: `with virtual_time() as clock: clock.run(main())`"
        )
    clock = _actives.enter()
    try:
        yield clock
    finally:
        _actives.leave()


def current_clock() -> VirtualClock | None:
    """The virtual clock of the running loop, else that of `virtual_time()`; None when time is real."""
    loop = _running_loop()
    return loop.clock if isinstance(loop, VirtualLoop) else _actives.clock


def now_ns() -> int:
    """The running loop's time in nanoseconds; outside of a loop the virtual clock's, else `time.monotonic_ns()`."""
    loop = _running_loop()
    if isinstance(loop, VirtualLoop):
        return loop.clock.now_ns
    if loop is not None:
        return round(loop.time() * 1e9)
    return time.monotonic_ns() if _actives.clock is None else _actives.clock.now_ns


def wall_time() -> float:
    """Seconds since 1970: on virtual time `WALL_EPOCH` plus what has elapsed, else `time.time()`."""
    loop = _running_loop()
    if isinstance(loop, VirtualLoop):
        return WALL_EPOCH + loop.clock.elapsed
    if loop is not None or _actives.clock is None:
        return time.time()
    return WALL_EPOCH + _actives.clock.elapsed


def elapsed_ms(start_ns: int, end_ns: int) -> float:
    """Milliseconds between two `now_ns()`, rounded to 1 µs."""
    return round((end_ns - start_ns) / 1e6, 3)


async def sleep(seconds: float) -> None:
    """Like `asyncio.sleep`, but an hour that was meant to be virtual is refused instead of really waited for.

    Raises:
        UsageError: time is virtual in this process, and the running loop's is not.
    """
    if seconds > 0 and not isinstance(_running_loop(), VirtualLoop):
        _check_real_wait(seconds)
    await asyncio.sleep(seconds)


def _check_real_wait(seconds: float) -> None:
    if _actives.clock is not None:
        how_long = "for ever" if math.isinf(seconds) else f"{seconds:g} s"
        raise UsageError(
            f"Inside virtual_time(), an event loop on real time was asked to wait {how_long}, and really would. Use "
            "clock.run(coroutine) instead of asyncio.run(coroutine); the fixtures' clock is kaizen_clock, or "
            "kaizen_llm.clock."
        )
    patience.check(seconds)
