"""Runs coroutines for synchronous callers, on an event loop in a background thread."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

from kaizen_eval.errors import Deadlock, UsageError
from kaizen_eval.resilience.clock import VirtualClock, VirtualLoop, current_clock
from kaizen_eval.resilience.signal_safe_loop import SignalSafeLoop
from kaizen_eval.resilience.timeline import Wait, bystanders
from kaizen_eval.tracebacks import shorten

__all__ = ["CLEANUP_SECONDS", "BackgroundLoop", "at_close", "on_background_loop", "run"]

_T = TypeVar("_T")

CLEANUP_SECONDS = 5.0
"""What a cancelled run, or a callback at the end, gets for its clean-up before it is left behind."""

_SIGNAL_CHECK = 0.1
"""Seconds. A signal that arrives on the very threshold of a wait does not end it; its handler runs this much later."""


def run(work: Coroutine[Any, Any, _T] | Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Run a coroutine, or what a function makes, on the background loop; its result or its exception is the caller's.

    From any thread, also one whose own loop runs: that loop stands still meanwhile. Should a signal handler raise in
    this thread, Ctrl-C included, the run is cancelled and has ended when the exception goes on.
    """
    if on_background_loop():
        if asyncio.iscoroutine(work):
            work.close()
        raise UsageError(
            "run() was called on the background event loop itself (inside a strategy, a tool or a callable reply), "
            "where it would wait for itself; there, use `await agent.run_async(...)`, or "
            "`await runtime.execute_async(...)`"
        )
    try:
        return _loops.current().run(work() if callable(work) else work)
    except Deadlock as error:
        shorten(error)
        raise


def on_background_loop() -> bool:
    """Whether this code runs on a background loop's own thread."""
    return isinstance(threading.current_thread(), _LoopThread)


def at_close(callback: Callable[[], Awaitable[object]]) -> None:
    """Await this when the background loop closes: at exit, or when its `virtual_time()` is left; the latest first.

    It is the loop of this thread, or else the one that `run` would use.
    """
    thread = threading.current_thread()
    owner = thread.owner if isinstance(thread, _LoopThread) else _loops.current()
    owner.at_close(callback)


class _Call(Generic[_T]):
    """One coroutine on its way to the loop and back; `over` is released when it has ended."""

    def __init__(self, coroutine: Coroutine[Any, Any, _T], loop: asyncio.AbstractEventLoop) -> None:
        self.coroutine = coroutine
        self.loop = loop
        self.over = threading.Lock()
        self.over.acquire()
        self.task: asyncio.Task[_T] | None = None
        self.cancelled = False
        self.error: Deadlock | None = None

    def submit(self) -> None:
        self.loop.call_soon_threadsafe(self.start)  # which copies the caller's context, and the task takes it over

    def start(self) -> None:
        if not self.cancelled:
            self.task = self.loop.create_task(self.coroutine)
            self.task.add_done_callback(self.finish)

    def cancel(self) -> None:
        """On the loop, and however far the call has come."""
        self.cancelled = True
        if self.task is None:
            self.coroutine.close()
        elif self.task.cancel():
            return  # and `finish` follows when the task has ended
        self.finish()

    def finish(self, _: object = None) -> None:
        if self.over.locked():
            self.over.release()

    def outcome(self) -> _T:
        task, error = self.task, self.error
        self.task = self.error = None
        try:
            if error is not None:
                raise error
            if task is None:
                raise asyncio.CancelledError
            return task.result()
        finally:
            del task, error, self  # the exception's traceback holds this frame: no cycle


class _VirtualCall(_Call[_T]):
    """Its caller waits on virtual time: the clock knows, and stands still until the caller goes on."""

    def __init__(self, coroutine: Coroutine[Any, Any, _T], loop: VirtualLoop) -> None:
        super().__init__(coroutine, loop)
        self.clock = loop.clock
        self.wait: Wait | None = None

    def submit(self) -> None:
        with self.clock.lock:
            self.wait = self.clock.begin_wait(self.fail)
            super().submit()

    def finish(self, _: object = None) -> None:
        if self.wait is not None:
            self.clock.end_wait(self.wait)
        super().finish()

    def fail(self, error: Deadlock) -> None:
        """Let the caller have this once the task has been cancelled; if that ends in another deadlock, at once."""
        if self.error is None:
            self.error = error
            self.loop.call_soon_threadsafe(self.cancel)
        else:
            self.finish()


class _LoopThread(threading.Thread):
    def __init__(self, owner: BackgroundLoop) -> None:
        super().__init__(name="kaizen-eval background loop", daemon=True)
        self.owner = owner

    def run(self) -> None:
        while True:
            try:
                self.owner.loop.run_forever()
            except (KeyboardInterrupt, SystemExit):
                continue  # a task raised it, and its caller gets it from the task; the loop serves others too
            return


class BackgroundLoop:
    """An event loop that lives in a daemon thread until it is closed; on a virtual clock, if one is given."""

    def __init__(self, clock: VirtualClock | None = None, *, cleanup_seconds: float = CLEANUP_SECONDS) -> None:
        self.loop = SignalSafeLoop() if clock is None else VirtualLoop(clock, background=True)
        # Its own, because asyncio ends its default executor in a thread, and at exit no thread can be started any more.
        self._executor = ThreadPoolExecutor(thread_name_prefix="kaizen-eval worker")
        self.loop.set_default_executor(self._executor)
        self._cleanup_seconds = cleanup_seconds
        self._at_close: list[Callable[[], Awaitable[object]]] = []
        self._thread = _LoopThread(self)
        if clock is None:
            bystanders.add(self._thread)
        runs = threading.Event()
        self.loop.call_soon(runs.set)
        self._thread.start()
        runs.wait()

    def run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        call = self._call(coroutine)
        try:
            call.submit()
            while not call.over.acquire(timeout=_SIGNAL_CHECK):
                pass
        except BaseException as error:
            self._interrupt(call, error)
            raise
        return call.outcome()

    def at_close(self, callback: Callable[[], Awaitable[object]]) -> None:
        self._at_close.append(callback)

    def close(self, *, wait_for_threads: bool = True) -> None:
        """End what still runs, await the `at_close` callbacks, end the thread; and those of `asyncio.to_thread`."""
        self.run(self._wind_up())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self._executor.shutdown(wait=wait_for_threads)
        self.loop.close()

    def _call(self, coroutine: Coroutine[Any, Any, _T]) -> _Call[_T]:
        if isinstance(self.loop, VirtualLoop):
            return _VirtualCall(coroutine, self.loop)
        return _Call(coroutine, self.loop)

    def _interrupt(self, call: _Call[_T], error: BaseException) -> None:
        """The caller was torn from its wait: end the run first. A second Ctrl-C does not wait for that."""
        if self.loop.is_closed():
            call.cancel()
            return
        try:
            self.loop.call_soon_threadsafe(call.cancel)
            if not call.over.acquire(timeout=self._cleanup_seconds):
                error.add_note(f"The run did not end within {self._cleanup_seconds:g} s of being cancelled.")
        finally:
            call.finish()

    async def _wind_up(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=self._cleanup_seconds)
        while self._at_close:
            await self._say_goodbye(self._at_close.pop())
        await self.loop.shutdown_asyncgens()

    async def _say_goodbye(self, callback: Callable[[], Awaitable[object]]) -> None:
        try:
            async with asyncio.timeout(self._cleanup_seconds):
                await callback()
        except Exception as error:  # noqa: BLE001 - nobody is left to catch it: it is logged, and the others have their turn
            self.loop.call_exception_handler({"message": "a callback of at_close() failed", "exception": error})


class _Loops:
    """The background loops of this process: one on the real clock, and one for each virtual clock in use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_clock: dict[VirtualClock | None, BackgroundLoop] = {}
        self._inherited: list[BackgroundLoop] = []

    def current(self) -> BackgroundLoop:
        clock = current_clock()
        return self._by_clock.get(clock) or self._open(clock)

    def close(self, clock: VirtualClock | None) -> None:
        with self._lock:
            left = self._by_clock.pop(clock, None)
        if left is not None:
            left.close()

    def close_all(self) -> None:
        for clock in list(self._by_clock):
            self.close(clock)

    def after_fork(self) -> None:
        """The threads are the parent's, and so is the kernel's side of their selectors: keep them, touch them never."""
        self._lock = threading.Lock()
        self._inherited += self._by_clock.values()
        self._by_clock.clear()

    def _open(self, clock: VirtualClock | None) -> BackgroundLoop:
        with self._lock:
            if clock not in self._by_clock:
                self._by_clock[clock] = BackgroundLoop(clock)
                if clock is not None:
                    clock.at_leave(lambda: self.close(clock))
            return self._by_clock[clock]


_loops = _Loops()
atexit.register(_loops.close_all)
os.register_at_fork(after_in_child=_loops.after_fork)
