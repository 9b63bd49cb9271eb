"""`use_cassette`: in a block or a function, whatever HTTP client asks is answered from a cassette."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial, wraps
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

from typing_extensions import Unpack

from kaizen_eval.errors import UsageError
from kaizen_eval.recording import verdict
from kaizen_eval.recording.cassette import Cassette
from kaizen_eval.recording.clients.patches import http_clients_patched
from kaizen_eval.recording.clients.replay_guard import replay_guard
from kaizen_eval.recording.in_use import Use, begin_use, end_use, is_within, within
from kaizen_eval.recording.naming import cassette_path
from kaizen_eval.recording.settings import CassetteOptions, CassetteSettings, checked_mode

__all__ = ["cassette_in_use", "use_cassette"]

F = TypeVar("F", bound=Callable[..., Any])
_Scoped = Callable[[], AbstractContextManager[None]]


class use_cassette:  # noqa: N801 - it reads as what it does: `with use_cassette(path):`
    """A cassette for a block, `with` or `async with`, or for each call of a function that it decorates.

    Requests of openai, httpx, httpx2, aiohttp, requests, urllib3 and `http.client` made in the block, in the tasks
    that it starts, and in its threads, are answered from the cassette. Tasks and threads with cassettes of their own
    never mix; in blocks within blocks the innermost counts. httpx and httpx2 keep chunks, offsets and failures; the
    others get each body whole, and their streams in one piece.

    While it replays, real hosts are out of reach for the whole process; this machine is not.

    A function is decorated as it is: coroutines, generators and async generators have the cassette in use while
    they themselves run, methods too. Each call opens the cassette anew, but for calls of the function by itself; so
    tests with parameters take the fixture `kaizen_cassette`, which has a cassette for each.

    A block that ends with an exception has not passed: of what it recorded the cassette keeps nothing, and the file
    beside it, `.rejected`, everything. The same is true of a generator that is left before its end.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        mode: str = "replay",
        *,
        lane: str = "",
        **settings: Unpack[CassetteOptions],
    ) -> None:
        """Args:
        path: of the cassette. Without one a decorated function names it: `cassettes/<module>/<function>.yaml`
            beside its module.
        mode: "replay", "record", "record-missing", "verify" or "live".
        lane: of all its exchanges; `kaizen_eval.recording.lane` gives parts of a block lanes of their own.
        settings: those of CassetteSettings.
        """
        if callable(path):
            raise UsageError("use_cassette was given a function for a path. Decorate with `@use_cassette()`.")
        self._path = None if path is None else Path(path)
        self._lane = lane
        self._settings = CassetteSettings(mode=checked_mode(mode), **settings)
        self._block: ExitStack | None = None
        self._uses: list[Use] = []
        self._kept: dict[Path, set[str]] = {}
        """The keys of what was recorded before, by cassette."""

    def __enter__(self) -> Cassette:
        """The cassette, open.

        Raises:
            UsageError: it has no path, or this block is in use already.
            RecordingError: the cassette cannot be opened.
        """
        if self._path is None:
            raise UsageError("use_cassette needs a path here: only a decorated function can name its cassette.")
        if self._block is not None:
            raise UsageError(
                f"This use of {str(self._path)!r} has begun already. Write use_cassette(…) for each block."
            )
        with ExitStack() as entering:
            use = entering.enter_context(self._opened(self._path))
            entering.enter_context(within(use))
            self._block = entering.pop_all()
        return cast("Cassette", use.cassette)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        block, self._block = self._block, None
        if block is not None:
            block.__exit__(kind, error, trace)

    async def __aenter__(self) -> Cassette:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: F) -> F:
        """The function, with the cassette in use while it runs."""
        decorated: Any = function
        if isinstance(decorated, staticmethod | classmethod):
            return cast("F", type(decorated)(self(decorated.__func__)))
        if isinstance(decorated, type):
            raise UsageError(f"use_cassette cannot decorate a class: decorate the methods of {decorated.__name__}.")
        path = self._path or _beside(function)
        return cast("F", _wrapped(function, partial(self._scoped, path)))

    @contextmanager
    def _scoped(self, path: Path, *, by_steps: bool = False) -> Iterator[_Scoped]:
        """What makes it the cassette in use; the one that is open already where the function has called itself."""
        outer = next((use for use in reversed([*self._uses]) if is_within(use)), None)
        if outer is not None:
            yield partial(within, outer)
            return
        with self._opened(path, spans_thread=not by_steps) as use:
            yield partial(within, use)

    @contextmanager
    def _opened(self, path: Path, *, spans_thread: bool = True) -> Iterator[Use]:
        command = f'use_cassette({str(path)!r}, mode="record")'
        cassette = Cassette.open(path, self._settings, lane=self._lane, command=command)
        with _closed_after(cassette), cassette_in_use(cassette, spans_thread=spans_thread) as use:
            self._uses.append(use)
            try:
                yield use
            finally:
                self._uses.remove(use)
        if self._settings.mode == "record":
            self._tell_of_lost(cassette)

    def _tell_of_lost(self, cassette: Cassette) -> None:
        """What was meant to be in the cassette, as far as can be seen, and is not."""
        if not cassette.recorded:
            warnings.warn(verdict.empty(cassette.path), verdict.CassetteWarning, stacklevel=6)
        keys = {exchange.key for exchange in cassette.recorded}
        lost = self._kept.get(cassette.path, set()) - keys
        self._kept[cassette.path] = keys
        if lost:
            warnings.warn(verdict.replaced(cassette.path, len(lost)), verdict.CassetteWarning, stacklevel=6)


@contextmanager
def cassette_in_use(cassette: Cassette, *, spans_thread: bool = True) -> Iterator[Use]:
    """Makes an open cassette known to the HTTP clients of this process, and leaves it open.

    Requests in a block `with within(use)` are for it, and those of threads that no context reaches.
    """
    with http_clients_patched(), ExitStack() as ending:
        use = begin_use(cassette, spans_thread=spans_thread)
        ending.callback(replay_guard.adjust)
        ending.callback(end_use, use)
        replay_guard.adjust()
        yield use


@contextmanager
def _closed_after(cassette: Cassette) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        _close_after(error, cassette)
        raise
    cassette.close(passed=True)


def _close_after(error: BaseException, cassette: Cassette) -> None:
    """What the block raised is not hidden by what its cassette raises."""
    try:
        cassette.close(passed=False)
    except Exception as failed:  # noqa: BLE001 - it is told with the error that came first
        error.add_note(f"Its cassette could not be closed either: {type(failed).__name__}: {failed}")


def _beside(function: Callable[..., Any]) -> Path:
    """Where the cassette of a function without a path is.

    Raises:
        UsageError: it was made where there is no file.
    """
    plain = inspect.unwrap(function)
    try:
        module = Path(inspect.getfile(plain))
    except TypeError:
        raise UsageError(f"use_cassette cannot name a cassette after {function!r}: give it a path.") from None
    *outer, name = plain.__qualname__.replace("<locals>.", "").split(".")
    return cassette_path(module.parent / "cassettes", "/".join([module.stem, *outer]), name)


def _wrapped(
    function: Callable[..., Any], scoped: Callable[..., AbstractContextManager[_Scoped]]
) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(function):
        return _async_generator(function, scoped)
    if inspect.isgeneratorfunction(function):
        return _generator(function, scoped)
    if inspect.iscoroutinefunction(function):
        return _coroutine(function, scoped)
    return _plain(function, scoped)


def _plain(function: Callable[..., Any], scoped: Callable[..., AbstractContextManager[_Scoped]]) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **settings: Any) -> Any:
        with scoped() as scope, scope():
            result = function(*args, **settings)
            if inspect.iscoroutine(result):
                result.close()
                raise UsageError(
                    f"{function!r} is no coroutine function and returns a coroutine, which would run after the "
                    "cassette is closed. Decorate the `async def` itself."
                )
            return result

    return call


def _coroutine(
    function: Callable[..., Any], scoped: Callable[..., AbstractContextManager[_Scoped]]
) -> Callable[..., Any]:
    @wraps(function)
    async def call(*args: Any, **settings: Any) -> Any:
        with scoped() as scope, scope():
            return await function(*args, **settings)

    return call


def _generator(
    function: Callable[..., Any], scoped: Callable[..., AbstractContextManager[_Scoped]]
) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **settings: Any) -> Generator[Any, Any, Any]:
        with scoped(by_steps=True) as scope:
            return (yield from _steps(function(*args, **settings), scope))

    return call


def _async_generator(
    function: Callable[..., Any], scoped: Callable[..., AbstractContextManager[_Scoped]]
) -> Callable[..., Any]:
    @wraps(function)
    async def call(*args: Any, **settings: Any) -> AsyncGenerator[Any, Any]:
        with scoped(by_steps=True) as scope:
            inner, sent, thrown = function(*args, **settings), None, None
            while True:
                try:
                    with scope():
                        item = await (inner.athrow(thrown) if thrown else inner.asend(sent))
                except StopAsyncIteration:
                    return
                try:
                    sent, thrown = (yield item), None
                except BaseException as error:  # noqa: BLE001 - it is for the generator, GeneratorExit too
                    sent, thrown = None, error

    return call


def _steps(inner: Generator[Any, Any, Any], scope: _Scoped) -> Generator[Any, Any, Any]:
    """The same generator, with the cassette in use while it runs, and not while it waits for who asks it."""
    sent: Any = None
    thrown: BaseException | None = None
    while True:
        try:
            with scope():
                item = inner.throw(thrown) if thrown else inner.send(sent)
        except StopIteration as end:
            return end.value
        try:
            sent, thrown = (yield item), None
        except BaseException as error:  # noqa: BLE001 - it is for the generator, GeneratorExit too
            sent, thrown = None, error
