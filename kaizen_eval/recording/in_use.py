"""The cassette in use: which one a request belongs to, whoever sends it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from kaizen_eval.errors import CassetteMiss, RecordingError, UsageError
from kaizen_eval.recording.settings import Mode

__all__ = [
    "Usable",
    "Use",
    "all_in_use",
    "begin_use",
    "current",
    "current_lane",
    "end_use",
    "is_within",
    "lane",
    "outside",
    "within",
]


class Usable(Protocol):
    """As much of a cassette as routing needs."""

    @property
    def mode(self) -> Mode: ...

    @property
    def path(self) -> Path: ...

    def note(self, error: RecordingError) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One opening of one cassette, from its beginning to its end."""

    cassette: Usable
    thread: threading.Thread
    """The one that opened it."""
    spans_thread: bool
    """Whether all that its thread does meanwhile is inside: it was opened outside of any event loop."""


class _Scope(NamedTuple):
    """What one context knows."""

    uses: tuple[Use, ...] = ()
    """The innermost last; those that have ended count no more."""
    lane: str = ""
    is_outside: bool = False
    """Whether requests are nobody's, whatever is in use."""


_scope: ContextVar[_Scope] = ContextVar("kaizen_eval_cassette", default=_Scope())  # noqa: B039 - it is frozen
_in_use: list[Use] = []  # changed by one operation at a time, and copied before it is walked through


def begin_use(cassette: Usable, *, spans_thread: bool = True) -> Use:
    """From now on the cassette is known in the whole process, for threads that no context reaches.

    Args:
        cassette: an open one.
        spans_thread: False for what is in use step by step, with others' code in between.
    """
    use = Use(cassette, threading.current_thread(), spans_thread=spans_thread and not _in_a_loop())
    _in_use.append(use)
    return use


def end_use(use: Use) -> None:
    if use in _in_use:
        _in_use.remove(use)


def is_within(use: Use) -> bool:
    """Whether this code runs in a block of that use."""
    return use in _scope.get().uses and use in _in_use


def all_in_use() -> list[Usable]:
    """Of the whole process, the latest last."""
    return [use.cassette for use in [*_in_use]]


@contextmanager
def within(use: Use) -> Iterator[None]:
    """In this block, and in the tasks that it starts, requests belong to this use of a cassette."""
    scope = _scope.get()
    with _scoped(scope._replace(uses=(*scope.uses, use), is_outside=False)):
        yield


@contextmanager
def outside() -> Iterator[None]:
    """In this block requests belong to no cassette: somebody sees to them already."""
    with _scoped(_scope.get()._replace(is_outside=True)):
        yield


@contextmanager
def lane(name: str) -> Iterator[None]:
    """In this block, and in the tasks that it starts, exchanges have a lane of their own.

    What runs side by side, such as trials, agents or epochs, asks in an order that chance decides. In lanes each
    finds its own answers again, also where several ask the same. Lanes within lanes are joined: `trial-1/critic`.

    Raises:
        UsageError: the name is empty.
    """
    if not name:
        raise UsageError("A lane needs a name, such as 'trial-1': an empty one is what everything outside lanes has.")
    scope = _scope.get()
    with _scoped(scope._replace(lane=f"{scope.lane}/{name}" if scope.lane else name)):
        yield


def current_lane() -> str:
    """Empty outside every lane."""
    return _scope.get().lane


def current() -> Usable | None:
    """The cassette that a request made here and now belongs to; None when it is nobody's.

    Raises:
        UsageError: several could be meant.
    """
    if not _in_use:
        return None
    scope = _scope.get()
    if scope.is_outside:
        return None
    running = [*_in_use]
    inner = next((use for use in reversed(scope.uses) if use in running), None)
    return inner.cassette if inner else _of_this_thread(running)


def _of_this_thread(running: list[Use]) -> Usable | None:
    """Where no context tells: what spans this thread; in a thread that has none of its own, the only one there is."""
    thread = threading.current_thread()
    own = [use for use in running if use.thread is thread]
    if own or thread is threading.main_thread():
        return next((use.cassette for use in reversed(own) if use.spans_thread), None)
    if len(running) > 1:
        raise _told_to_all(UsageError(_several(thread.name, running)), running)
    return running[0].cassette if running else None


def _told_to_all(error: UsageError, running: list[Use]) -> UsageError:
    """A request that no cassette gets is missed by one of them, also where the error is swallowed."""
    for use in running:
        use.cassette.note(CassetteMiss(str(error), path=str(use.cassette.path)))
    return error


def _several(name: str, running: list[Use]) -> str:
    paths = ", ".join(sorted({str(use.cassette.path) for use in running}))
    return (
        f"Thread {name!r} makes a request while {len(running)} cassettes are in use ({paths}), and nothing says which "
        "of them it belongs to. Start the thread with the context of the code that it works for: "
        "`Thread(target=contextvars.copy_context().run, args=(function,))`, or `asyncio.to_thread(function)`."
    )


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextmanager
def _scoped(scope: _Scope) -> Iterator[None]:
    token = _scope.set(scope)
    try:
        yield
    finally:
        with suppress(ValueError):  # the block ends in another context than it began in, as some fixtures do
            _scope.reset(token)
