"""A result that a thread waits for while a loop makes it: such a thread is not at work, and time may go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from kaizen_eval.errors import Deadlock
    from kaizen_eval.resilience.timeline import Timeline

__all__ = ["Promise", "promised_by"]

_T = TypeVar("_T")


def promised_by(callback: Callable[..., object]) -> Future[Any] | None:
    """What `asyncio.run_coroutine_threadsafe()` and its like give their caller, found in what they send to the loop."""
    cells = getattr(callback, "__closure__", None) or ()
    return next((found for found in map(_content, cells) if type(found) is Future), None)


def _content(cell: Any) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return None


class Promise(Future[_T]):
    """A Future that tells the timeline when a thread waits for it."""

    timeline: Timeline
    deadlock: Deadlock | None

    @staticmethod
    def make_of(future: Future[Any], timeline: Timeline) -> None:
        """Change the future itself: its caller has it, or is about to."""
        future.__class__ = Promise
        promise = cast("Promise[Any]", future)
        promise.timeline = timeline
        promise.deadlock = None

    def result(self, timeout: float | None = None) -> _T:
        with self._waiting():
            return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        with self._waiting():
            return super().exception(timeout)

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        timeline = self.timeline
        with timeline.lock:
            wait = timeline.begin_wait(self._fail)
            self.add_done_callback(lambda _: timeline.end_wait(wait))
            timeline.settle()
        try:
            yield
        except CancelledError:
            if self.deadlock is None:
                raise
            raise self.deadlock from None
        finally:
            timeline.end_wait(wait)

    def _fail(self, error: Deadlock) -> None:
        self.deadlock = error
        self.cancel()  # and with it the task that was to make the result
