"""An executor whose threads nobody waits for: work that never returns does not keep the process from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

__all__ = ["DaemonThreads"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class DaemonThreads(Executor):
    """A new thread for each piece of work, as many as are asked for: those of the standard library's are joined."""

    def __init__(self, name: str) -> None:
        self._name = name

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()
        thread = threading.Thread(target=_work, args=(future, fn, args, kwargs), name=self._name, daemon=True)
        thread.start()
        return future


def _work(future: Future[Any], fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = fn(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 - whoever waits for the future gets it
        future.set_exception(error)
    else:
        future.set_result(result)
