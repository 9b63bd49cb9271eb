"""An executor whose threads nobody waits for: work that never returns does not keep the process from ending."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

from kaizen_eval.resilience.timeline import bystanders

__all__ = ["DaemonThreads"]

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Work = tuple[Future[Any], Callable[[], Any]]

_MOST_IDLE = 16


class DaemonThreads(Executor):
    """A thread for each piece of work that nobody else is about to do; a few are kept for the next ones.

    Those of the standard library's executors are joined when the process ends, and it may then never end.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()
        with self._lock:
            self._waiting += 1
            is_short = self._waiting > self._idle
            self._idle += is_short
        self._work.put((future, lambda: fn(*args, **kwargs)))
        if is_short:
            _Worker(self._name, self).start()
        return future

    def take(self) -> _Work:
        """What has waited longest; a thread waits here until there is something."""
        work = self._work.get()
        with self._lock:
            self._waiting -= 1
            self._idle -= 1
        return work

    def may_stay(self) -> bool:
        """Whether a thread that has done its work shall take another piece."""
        with self._lock:
            stays = self._idle - self._waiting < _MOST_IDLE
            self._idle += stays
        return stays

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._work: SimpleQueue[_Work] = SimpleQueue()
        self._waiting = 0
        """Pieces of work that no thread has taken yet."""
        self._idle = 0
        """Threads that are about to take one, or wait for one; never fewer than pieces of work."""


class _Worker(threading.Thread):
    def __init__(self, name: str, threads: DaemonThreads) -> None:
        super().__init__(name=name, daemon=True)
        self._threads = threads
        bystanders.add(self)  # idle, it serves nobody; at work, virtual time knows it as a party

    def run(self) -> None:
        stays = True
        while stays:
            future, call = self._threads.take()
            if future.set_running_or_notify_cancel():
                outcome = _outcome(future, call)
            else:
                outcome = _nothing
            stays = self._threads.may_stay()  # before anybody hears of the end, who may have the next piece of work
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
