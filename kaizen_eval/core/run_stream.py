"""RunStream: a run that is read while it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from typing import Any, Literal, Self

from kaizen_eval import bridge
from kaizen_eval.core.handover import Handover
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import UsageError
from kaizen_eval.events import Event
from kaizen_eval.streamed import Sink

__all__ = ["RunStream"]

_State = Literal["new", "going on", "over", "failed", "left"]
_WHY: dict[_State, str] = {
    "new": "nobody has read it; read it to its end first",
    "going on": "it has not been read to its end",
    "failed": "its run failed",
    "left": "it was left before its end",
}


class RunStream:
    """What `run_stream` returns: one run, read once, with `for`, or with `async for` in the reader's own loop.

    The items are events in the order in which they happen: `TextDelta`, `PartialOutputs`, `ToolStarted`, `ToolEnded`,
    and with `restart=True` also `Restarted`; the last item is the `RunResult`. Nothing happens before the first item
    is asked for, and the run waits while its reader looks at an item.

    A reader that leaves before the end cancels the run. A `break` is enough for that, as long as nothing else holds
    the iterator; `with` or `async with` around the loop makes it certain, and waits until it is done.

    Raises:
        UsageError: it is read twice; or with `for` on the package's own loop, where it would wait for itself.
        RunError: from the item in whose place the run failed.
    """

    def __init__(self, begin: Callable[[Sink], Coroutine[Any, Any, RunResult]], *, restart: bool = False) -> None:
        self._begin = begin
        self._handover = Handover(restart=restart)
        self._task: asyncio.Task[RunResult] | None = None
        """While the run goes on."""
        self._result: RunResult | None = None
        self._state: _State = "new"
        self._is_claimed = False
        self._by_itself: AsyncGenerator[Event | RunResult] | Generator[Event | RunResult] | None = None
        """What reads on, where the items are asked for one by one: with `next` or `anext`."""
        self._blocks = False
        """Whether it is read with `for`: its run lives on the background loop."""

    @property
    def result(self) -> RunResult:
        """The last item again, once the stream has been read to its end.

        Raises:
            UsageError: it has not been, or the run failed.
        """
        if self._result is None:
            raise UsageError(f"This stream has no result: {_WHY[self._state]}.")
        return self._result

    def __aiter__(self) -> AsyncGenerator[Event | RunResult]:
        if isinstance(self._by_itself, AsyncGenerator):
            return self._by_itself
        self._claim()
        return self._read()

    def __anext__(self) -> Awaitable[Event | RunResult]:
        """The next item; an `async for` goes on from there. It is held from now on: a `break` alone ends no run."""
        self._by_itself = reading = aiter(self)
        return anext(reading)

    def __next__(self) -> Event | RunResult:
        """The same, for `for`."""
        self._by_itself = reading = iter(self)
        return next(reading)

    def __iter__(self) -> Generator[Event | RunResult]:
        if isinstance(self._by_itself, Generator):
            return self._by_itself
        if bridge.on_background_loop():
            raise UsageError(
                "A run's stream was read with `for` on the background event loop itself (inside a strategy, a tool or "
                "a callable reply), where it would wait for itself; there, use `async for`."
            )
        self._claim()
        self._blocks = True
        return self._read_blocking()

    async def aclose(self) -> None:
        """Leave the run where it is, and wait until it has ended; harmless once it is over."""
        task = self._task
        if task is None:
            self._leave()
        elif self._blocks:
            await asyncio.to_thread(self.close)
        elif task.get_loop() is asyncio.get_running_loop():
            await self._end()
        else:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._end(), task.get_loop()))

    def close(self) -> None:
        """The same, for a stream that is read with `for`.

        Raises:
            UsageError: it is read with `async for`, and its run is not over.
        """
        task = self._task
        if task is None or task.done():
            self._leave()
        elif not self._blocks:
            raise UsageError("This stream is read with `async for`; close it with `await stream.aclose()`.")
        elif bridge.on_background_loop():  # a forgotten iterator is collected wherever memory happens to run short
            self._leave()
            task.cancel()
        else:
            bridge.run(self._end)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    async def _read(self) -> AsyncGenerator[Event | RunResult]:
        try:
            while (event := await self._next()) is not None:
                yield event
            if self._result is not None:
                yield self._result
        finally:
            await self._end()

    def _read_blocking(self) -> Generator[Event | RunResult]:
        try:
            while (event := bridge.run(self._next)) is not None:
                yield event
            if self._result is not None:
                yield self._result
        finally:
            self.close()

    async def _next(self) -> Event | None:
        """The next event; None once the run is over, and then there is a result unless it was left."""
        if self._state == "new":
            self._start()
        if self._task is None:
            return None
        event = await self._handover.take(self._task)
        if event is None:
            self._finish()
        return event

    def _start(self) -> None:
        self._state = "going on"
        self._task = asyncio.get_running_loop().create_task(self._begin(self._handover))
        self._task.add_done_callback(self._handover.over)

    def _finish(self) -> None:
        """Take what the run returned, or raise what it raised."""
        task, self._task = self._task, None
        if task is None:  # it was left while somebody waited for the next item
            return
        try:
            self._state = "failed"
            self._result = task.result()
            self._state = "over"
        finally:
            del task  # the exception's traceback holds this frame: no cycle

    async def _end(self) -> None:
        """Cancel the run, if it goes on, and wait until it has ended."""
        task = self._task
        self._leave()
        if task is None:
            return
        task.cancel()
        await asyncio.wait([task])

    def _leave(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            _overlook(task)
        self._handover.close()
        if self._state in {"new", "going on"}:
            self._state = "left"

    def _claim(self) -> None:
        if self._is_claimed:
            raise UsageError("A run's stream is read once; call run_stream() again for another run.")
        self._is_claimed = True


def _overlook(task: asyncio.Task[Any]) -> None:
    """An error of a run that was left is not logged as never seen: nobody is left to see it."""
    if not task.done():
        task.add_done_callback(_overlook)
    elif not task.cancelled():
        task.exception()
