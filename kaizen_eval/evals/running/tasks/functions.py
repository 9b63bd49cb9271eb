"""A function as a task: inputs by name, outputs as a dict or as the value of the only output."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kaizen_eval.errors import OutputError
from kaizen_eval.evals.running.tasks.naming import name_of
from kaizen_eval.evals.running.thread_place import thread_place
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from kaizen_eval.resilience.daemon_threads import DaemonThreads
    from kaizen_eval.signatures import Signature

__all__ = ["FunctionTask"]

_SESSION = "session_id"


class FunctionTask:
    """Async ones are awaited; plain ones run in a thread, where nothing can end them: one that is late goes on there.

    Args:
        function: any callable.
        signature: what its outputs are checked against, if anything.
        is_async: whether calling it gives something to await.
    """

    strategy: str | None = None
    model: str | None = None
    agents: Mapping[str, str] = {}

    def __init__(self, function: Callable[..., Any], *, signature: type[Signature] | None, is_async: bool) -> None:
        self.function = function
        self.signature = signature
        self.name = name_of(function)
        self._is_async = is_async
        self._working: WeakKeyDictionary[asyncio.Task[Any], int] = WeakKeyDictionary()
        """By trial, the thread that works for it."""
        self._takes = _parameters(function)
        self._takes_session = self._takes is not None and _SESSION in self._takes

    def __reduce__(self) -> tuple[Any, ...]:
        """By the function's name, as functions are sent to another process."""
        return partial(FunctionTask, signature=self.signature, is_async=self._is_async), (self.function,)

    def refuse_turns(self) -> str | None:
        if self._takes_session or self._takes is None:
            return None
        return f"{self.name} has no argument session_id, by which it would know one turn from the next."

    def refuse_inputs(self, names: frozenset[str]) -> str | None:
        if self._takes is None:
            return None
        taken = {name: needed for name, needed in self._takes.items() if name != _SESSION}
        for name in sorted(names):
            if name not in taken:
                return f"{self.name} takes no {name!r}{suggestion(name, list(taken))} It takes: {', '.join(taken)}."
        missing = [name for name, needed in taken.items() if needed and name not in names]
        return f"{self.name} needs {', '.join(map(repr, missing))}." if missing else None

    def opened(self) -> AbstractAsyncContextManager[object]:
        return nullcontext()

    async def ask(self, inputs: Mapping[str, Any], session_id: str | None, bare: str) -> Mapping[str, Any]:
        if session_id is not None:
            inputs = {**inputs, _SESSION: session_id}
        given = await (self.function(**inputs) if self._is_async else self._in_thread(inputs))
        outputs = _outputs(given, self.signature, bare)
        return outputs if self.signature is None else self.signature.check(outputs)

    def place_in_thread(self, trial: asyncio.Task[Any]) -> str | None:
        return thread_place(self._working.get(trial, -1))

    async def _in_thread(self, inputs: Mapping[str, Any]) -> Any:
        call = partial(contextvars.copy_context().run, self._called, asyncio.current_task(), inputs)
        given = await asyncio.get_running_loop().run_in_executor(_threads(), call)
        return await given if inspect.isawaitable(given) else given

    def _called(self, trial: asyncio.Task[Any] | None, inputs: Mapping[str, Any]) -> Any:
        if trial is None:
            return self.function(**inputs)
        self._working[trial] = threading.get_ident()
        try:
            return self.function(**inputs)
        finally:
            self._working.pop(trial, None)


@cache
def _threads() -> DaemonThreads:
    """Those of all evaluations: the next one finds them waiting."""
    from kaizen_eval.resilience.daemon_threads import DaemonThreads  # noqa: PLC0415 - only plain functions

    return DaemonThreads("kaizen-eval task")


def _parameters(function: Callable[..., Any]) -> dict[str, bool] | None:
    """By name, whether it must be given; None where it takes whatever comes, or does not say."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return None
    named = [each for each in parameters if each.kind in {each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY}]
    return {each.name: each.default is each.empty for each in named}


def _outputs(given: Any, signature: type[Signature] | None, bare: str) -> Mapping[str, Any]:
    """By field. What a run of an agent gives counts as its outputs; a model of pydantic, as its fields."""
    dump = getattr(given, "model_dump", None)
    given = dump() if callable(dump) and not isinstance(given, type) else getattr(given, "outputs", given)
    fields = () if signature is None else tuple(signature.output_fields)
    if isinstance(given, Mapping) and (len(fields) != 1 or fields[0] in given):
        return given
    if len(fields) > 1:
        raise OutputError(f"The task returns a dict of its outputs ({', '.join(fields)}), not {given!r}.")
    return {(*fields, bare)[0]: given}
