"""Crew: tasks that end together, as the first that fails ends the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kaizen_eval.bridge import CLEANUP_SECONDS

__all__ = ["Crew"]


class Crew:
    """Of the running loop. Each task may begin others; those that are begun once one has failed never start."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._all_ended = self._loop.create_future()
        self.failures: list[BaseException] = []
        self.is_closing = False

    def begin(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """In a context of its own, copied from here."""
        if not self.is_closing:
            self._tasks[name] = self._loop.create_task(self._done(name, work), name=f"node {name}")

    def fail(self, error: BaseException) -> None:
        self.failures.append(error)
        self._cancel_all()
        self._wake()

    async def ended(self) -> None:
        """Wait for all of them; also where one fails, or the caller is cancelled, for the others to end.

        Raises:
            BaseException: the first failure. Others have become notes of it, as have tasks that would not end.
        """
        cut: asyncio.CancelledError | None = None
        if self._tasks and not self.failures:
            try:
                await self._all_ended
            except asyncio.CancelledError as error:
                cut = error
        cut = await self._close() or cut
        failures, self.failures = self.failures, []
        raised = [cut, *failures] if cut is not None else failures
        try:
            if raised:
                self._note(raised)
                raise raised[0]
        finally:
            del cut, failures, raised  # their tracebacks hold this frame: no cycle

    async def _done(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except BaseException as error:  # noqa: BLE001 - whoever waits for all gets it
            if not (self.is_closing and isinstance(error, asyncio.CancelledError)):
                self.fail(error)
        finally:
            self._tasks.pop(name, None)
            if not self._tasks:
                self._wake()

    async def _close(self) -> asyncio.CancelledError | None:
        """What cancelled the caller meanwhile; what has not ended after some seconds is left behind."""
        self._cancel_all()
        cut: asyncio.CancelledError | None = None
        until = self._loop.time() + CLEANUP_SECONDS
        while self._tasks and until > self._loop.time():
            try:
                await asyncio.wait(self._tasks.values(), timeout=until - self._loop.time())
            except asyncio.CancelledError as error:
                cut = error
            self._tasks = {name: task for name, task in self._tasks.items() if not task.done()}
        return cut

    def _cancel_all(self) -> None:
        """Each once: a second time would tear it from its clean-up."""
        if not self.is_closing:
            self.is_closing = True
            current = asyncio.current_task()
            for task in self._tasks.values():
                if task is not current:
                    task.cancel()

    def _wake(self) -> None:
        if not self._all_ended.done():
            self._all_ended.set_result(None)

    def _note(self, raised: list[BaseException]) -> None:
        first, *others = raised
        for other in others:
            first.add_note(f"Meanwhile: {other}")
        for name in self._tasks:
            first.add_note(f"Node {name!r} did not end within {CLEANUP_SECONDS:g} s of being cancelled.")
