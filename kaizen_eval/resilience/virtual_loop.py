"""An asyncio event loop that waits on a shared timeline of virtual time."""

from __future__ import annotations

import asyncio
import math
import selectors
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple, Unpack

from kaizen_eval.errors import Deadlock
from kaizen_eval.resilience import anyio_workers
from kaizen_eval.resilience.daemon_threads import DaemonThreads
from kaizen_eval.resilience.promise import Promise, promised_by
from kaizen_eval.resilience.signal_safe_loop import SignalSafeLoop
from kaizen_eval.resilience.timeline import NEVER, Due, Party, Timeline
from kaizen_eval.tracebacks import shorten

__all__ = ["TimelineLoop"]

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")
_Events = list[tuple[selectors.SelectorKey, int]]


class _Selector(selectors.DefaultSelector):
    """Polls; where the loop would sleep, it lets the loop decide how."""

    sleep: Callable[[], _Events]

    def select(self, timeout: float | None = None) -> _Events:
        events = super().select(0)
        return events if events or timeout == 0 else self.sleep()

    def poll(self, timeout: float | None) -> _Events:
        return super().select(timeout)


class _LoopParty(Party):
    """A running loop, for which time waits."""

    def __init__(self, loop: TimelineLoop) -> None:
        super().__init__()
        self.loop = loop
        self.drives = not loop.background
        self.error: Deadlock | None = None

    def wake(self) -> None:
        self.loop._write_to_self()  # noqa: SLF001 - the loop and its party are one thing in two classes

    def is_awaited(self) -> bool:
        return self.loop.awaited and not self.blocked

    def may_hear(self) -> bool:
        return self.loop.listens()

    def tasks(self) -> Iterable[asyncio.Task[object]]:
        return asyncio.all_tasks(self.loop)

    def fail(self, error: Deadlock) -> None:
        self.error = error

    def raise_error(self) -> None:
        error, self.error = self.error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # its traceback holds this frame: no cycle


class TimelineLoop(SignalSafeLoop):
    """Where another loop would sleep until its next timer, this one parks: the timeline jumps when all have parked.

    `background`: a loop that serves others; time does not move for its own sake, and it may idle for ever.
    """

    # What asyncio's own loops keep, and this one has to know.
    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _signal_handlers: dict[int, asyncio.Handle]

    def __init__(self, timeline: Timeline, *, background: bool = False) -> None:
        self.timeline = timeline
        self.background = background
        self.awaited = False
        """Whether `run_until_complete` runs: somebody waits for an end."""
        self._polling = _Selector()
        self._polling.sleep = self._sleep
        self._held: set[Party] = set()
        self._held_by_anyio: dict[int, Party] = {}
        self._party = _LoopParty(self)
        try:
            super().__init__(self._polling)
        except BaseException:
            self._polling.close()
            self._closed = True  # or asyncio warns of it, and fails to close it, when it is collected
            raise

    def time(self) -> float:
        return self.timeline.now

    @property
    def _clock_resolution(self) -> float:
        """Exactly the timers of now or before are due, at any distance from zero."""
        return math.ulp(self.time())

    @_clock_resolution.setter
    def _clock_resolution(self, _: float) -> None:
        """Set by asyncio from the real clock, which does not matter here."""

    def call_at(
        self, when: float, callback: Callable[[Unpack[_Ts]], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        due = when if isinstance(when, Due) else self.timeline.due(_nanoseconds(when))
        return super().call_at(due, callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[_Ts]], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        due = self.timeline.due(self.timeline.now_ns + _nanoseconds(delay))
        return self.call_at(due, callback, *args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[_Ts]], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        with self.timeline.lock:
            handle = super().call_soon_threadsafe(callback, *args, context=context)
            self.timeline.moves += 1
            self._party.resume()
            promised = promised_by(callback)
            if promised is not None and threading.get_ident() != self._party.thread:
                Promise.make_of(promised, self.timeline)
            return handle

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[_Ts]], _T], *args: *_Ts
    ) -> asyncio.Future[_T]:
        held = self._hold()
        held.elsewhere = executor is not None and not isinstance(executor, ThreadPoolExecutor)
        try:
            if executor is None or isinstance(executor, ThreadPoolExecutor | DaemonThreads):
                future = super().run_in_executor(executor, _as_party, held, func, *args)
            else:
                future = super().run_in_executor(executor, func, *args)
        except BaseException:
            self._release(held)
            raise
        future.add_done_callback(lambda _: self._release(held))
        return future

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        held = self._hold()
        try:
            await super().shutdown_default_executor(*args, **kwargs)
        finally:
            self._release(held)

    def run_until_complete(self, future: Any) -> Any:
        self.awaited, before = True, self.awaited
        try:
            return super().run_until_complete(future)
        except Deadlock as error:
            shorten(error)
            raise
        finally:
            self.awaited = before

    def run_forever(self) -> None:
        with self._running():
            super().run_forever()

    def close(self) -> None:
        super().close()
        for held in list(self._held):
            self._release(held)

    def listens(self) -> bool:
        """Whether sockets other than its own, or signals, can wake it."""
        return len(self._polling.get_map()) > 1 or bool(self._signal_handlers)

    @contextmanager
    def _running(self) -> Iterator[None]:
        """While the loop runs, whatever else this thread stands for waits for it."""
        party, timeline = self._party, self.timeline
        if party.thread is not None:
            yield  # asyncio refuses to run a running loop, and says so better
            return
        with timeline.lock:
            outer = timeline.here()
            party.thread = threading.get_ident()
            if outer is not None:
                outer.blocked = True
            timeline.join(party)
        try:
            yield
        finally:
            with timeline.lock:
                party.thread = None
                if outer is not None:
                    outer.blocked = False
                timeline.leave(party)

    def _sleep(self) -> _Events:
        """Nothing is ready: park, until a timer is due or somebody calls."""
        timeline, party = self.timeline, self._party
        with timeline.lock:
            if self._ready:
                return []
            self._hold_for_anyio()
            timeline.park(party, self._next_due())
            if not party.parked:
                return []
            patience, moves = timeline.patience(), timeline.moves
        try:
            events = self._polling.poll(patience)
            if not events and patience is not None:
                timeline.lose_patience(party, moves)
        finally:
            with timeline.lock:
                party.resume()
        party.raise_error()
        return events

    def _next_due(self) -> Due:
        when = self._scheduled[0].when() if self._scheduled else NEVER
        return when if isinstance(when, Due) else NEVER

    def _hold_for_anyio(self) -> None:
        working = anyio_workers.at_work(self)
        for thread in working - self._held_by_anyio.keys():
            self._held_by_anyio[thread] = self._hold(thread)
        for thread in self._held_by_anyio.keys() - working:
            self._release(self._held_by_anyio.pop(thread))

    def _hold(self, thread: int | None = None) -> Party:
        held = Party(thread)
        self._held.add(held)
        self.timeline.join(held)
        return held

    def _release(self, held: Party) -> None:
        self._held.discard(held)
        self.timeline.leave(held)


def _nanoseconds(seconds: float) -> float:
    return seconds if math.isinf(seconds) else round(seconds * 10**9)


def _as_party(party: Party, func: Callable[[Unpack[_Ts]], _T], *args: *_Ts) -> _T:
    """Run the work, known by its thread: should it wait for a run, time may go on."""
    party.thread = threading.get_ident()
    party.elsewhere = False
    try:
        return func(*args)
    finally:
        party.elsewhere = True  # on its way back, in a thread that is nobody's: on a busy machine that takes a while
        party.thread = None
