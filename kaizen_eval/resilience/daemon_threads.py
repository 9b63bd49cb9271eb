"""An executor whose threads nobody waits for: work that never returns does not keep the process from ending."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from kaizen_eval.resilience.timeline import bystanders

__all__ = ["DaemonThreads"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

_MOST_IDLE = 128
"""As many plain functions as a workflow executes at a time: to start a thread takes longer than most of them do."""


class DaemonThreads(Executor):
    """A thread for each piece of work, as many as are asked for; a few are kept for the next ones.

    Those of the standard library's executors are joined when the process ends, and it may then never end.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._idle: deque[_Worker] = deque()
        os.register_at_fork(after_in_child=self._idle.clear)

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()
        self._worker().work.put((future, lambda: fn(*args, **kwargs)))
        return future

    def _worker(self) -> _Worker:
        try:
            return self._idle.pop()
        except IndexError:
            worker = _Worker(self._name, self._idle)
            worker.start()
            return worker


class _Worker(threading.Thread):
    def __init__(self, name: str, idle: deque[_Worker]) -> None:
        super().__init__(name=name, daemon=True)
        self.work: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._idle = idle
        bystanders.add(self)  # idle, it serves nobody; at work, virtual time knows it as a party

    def run(self) -> None:
        stays = True
        while stays:
            future, call = self.work.get()
            if future.set_running_or_notify_cancel():
                outcome = _outcome(future, call)
            else:
                outcome = _nothing
            stays = len(self._idle) < _MOST_IDLE
            if stays:
                self._idle.append(self)  # before anybody hears of the end, who may have the next piece of work
            outcome()
            del future, call, outcome


def _outcome(future: Future[Any], call: Callable[[], Any]) -> Callable[[], None]:
    """The work done; what tells of it."""
    try:
        result = call()
    except BaseException as error:  # noqa: BLE001 - whoever waits for the future gets it
        failure = error
        return lambda: future.set_exception(failure)
    return lambda: future.set_result(result)


def _nothing() -> None:
    """Nobody waits any more."""
