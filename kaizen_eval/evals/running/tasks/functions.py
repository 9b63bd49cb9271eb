"""A function as a task: inputs by name, outputs as a dict or as the value of the only output."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import OutputError
from kaizen_eval.evals.running.tasks.naming import name_of
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
        self.runs_in_thread = not is_async
        self._takes = _parameters(function)
        self._takes_session = self._takes is not None and _SESSION in self._takes
        self._threads: DaemonThreads | None = None

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

    async def ask(self, inputs: Mapping[str, Any], session_id: str | None, only: str | None) -> Mapping[str, Any]:
        if session_id is not None:
            inputs = {**inputs, _SESSION: session_id}
        given = await (self._in_thread(inputs) if self.runs_in_thread else self.function(**inputs))
        outputs = _outputs(given, _only_output(self.signature) or only)
        return outputs if self.signature is None else self.signature.check(outputs)

    async def _in_thread(self, inputs: Mapping[str, Any]) -> Any:
        if self._threads is None:
            from kaizen_eval.resilience.daemon_threads import DaemonThreads  # noqa: PLC0415 - only plain functions

            self._threads = DaemonThreads("kaizen-eval task")
        call = partial(contextvars.copy_context().run, partial(self.function, **inputs))
        given = await asyncio.get_running_loop().run_in_executor(self._threads, call)
        return await given if inspect.isawaitable(given) else given


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


def _only_output(signature: type[Signature] | None) -> str | None:
    fields = () if signature is None else tuple(signature.output_fields)
    return fields[0] if len(fields) == 1 else None


def _outputs(given: Any, only: str | None) -> Mapping[str, Any]:
    """By field. What a run of an agent gives counts as its outputs."""
    if type(given) is dict and (only is None or only in given):
        return given
    if isinstance(given, Mapping):
        own = getattr(given, "outputs", None)
        if isinstance(own, dict):
            return own
        return given if only is None or only in given else {only: given}
    dump = getattr(given, "model_dump", None)
    if callable(dump) and not isinstance(given, type):
        return _outputs(dump(), only)
    if only is None:
        raise OutputError(f"A task returns its outputs as a dict, by name, not {given!r}.")
    return {only: given}
