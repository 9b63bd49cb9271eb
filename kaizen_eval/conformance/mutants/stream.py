"""Broken on purpose: runs that are read while they go on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any, Self

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import Wrapping, of_agent, of_provider, of_strategy
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.core.run_stream import RunStream
from kaizen_eval.errors import ProviderError
from kaizen_eval.memory.base import Turn
from kaizen_eval.messages import ChatDelta, ChatRequest, Message
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.streamed import PartialOutputs, TextDelta

__all__ = [
    "MUTANTS",
    "AddsToWholeRuns",
    "AsksAgainItself",
    "CompletesWhatBrokeOff",
    "GoesOnWithoutReader",
    "OneItemForAll",
    "RemembersWhatWasTold",
    "ShowsThatMoreComes",
]


class _Relay:
    """Passes on what a stream gives."""

    def __init__(self, stream: RunStream) -> None:
        self.stream = stream

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.stream.aclose()

    async def __aiter__(self) -> AsyncIterator[Any]:
        async for item in self.stream:
            yield await self.changed(item)

    async def changed(self, item: Any) -> Any:
        return item


class AddsToWholeRuns(BaseAgent):
    """What it adds to a result, it adds in `run_async` alone."""

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        result = await super().run_async(session_id, **inputs)
        result["words"] = len(str(result.outputs).split())
        return result


class _Shared(_Relay):
    def __init__(self, stream: RunStream, agent: OneItemForAll) -> None:
        super().__init__(stream)
        self._agent = agent

    async def changed(self, item: Any) -> Any:
        self._agent.item = item
        await asyncio.sleep(0.02)  # so that what is shown does not flicker
        return self._agent.item


class OneItemForAll(BaseAgent):
    item: Any = None

    def run_stream(self, /, session_id: str | None = None, *, restart: bool = False, **inputs: Any) -> Any:
        return _Shared(super().run_stream(session_id, restart=restart, **inputs), self)


class _Dotted(_Relay):
    async def changed(self, item: Any) -> Any:
        if not isinstance(item, PartialOutputs):
            return item
        return replace(item, outputs={name: self.dotted(value) for name, value in item.outputs.items()})

    def dotted(self, value: Any) -> Any:
        return f"{value}…" if isinstance(value, str) else [*value, "…"] if isinstance(value, list) else value


class ShowsThatMoreComes(BaseAgent):
    def run_stream(self, /, session_id: str | None = None, *, restart: bool = False, **inputs: Any) -> Any:
        return _Dotted(super().run_stream(session_id, restart=restart, **inputs))


class _Remembering(_Relay):
    def __init__(self, stream: RunStream, agent: BaseAgent, session_id: str | None, inputs: Mapping[str, Any]) -> None:
        super().__init__(stream)
        self._agent, self._session_id, self._inputs = agent, session_id, inputs
        self._told = ""
        self._is_over = False

    async def changed(self, item: Any) -> Any:
        self._told += item.text if isinstance(item, TextDelta) else ""
        self._is_over = self._is_over or isinstance(item, RunResult)
        return item

    async def __aexit__(self, *exc_info: object) -> None:
        await super().__aexit__(*exc_info)
        if self._told and self._session_id is not None and not self._is_over:
            turn = Turn((Message("user", str(self._inputs)), Message("assistant", self._told)))
            await self._agent.memory.append(self._session_id, turn)


class RemembersWhatWasTold(BaseAgent):
    def run_stream(self, /, session_id: str | None = None, *, restart: bool = False, **inputs: Any) -> Any:
        return _Remembering(super().run_stream(session_id, restart=restart, **inputs), self, session_id, inputs)


class CompletesWhatBrokeOff(Wrapping):
    """Closes what is open in a reply that was cut, so that it can be read."""

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        text = ""
        try:
            async for part in self.inner.stream(request):  # type: ignore[attr-defined]  # the laboratory's streams
                text += part.text
                yield part
        except ProviderError:
            if not text:
                raise
            yield ChatDelta(text=_closing(text), finish_reason="stop")


def _closing(text: str) -> str:
    """What makes JSON of the beginning of an object with a text in it."""
    is_open = text.replace('\\"', "").count('"') % 2
    return ('"' if is_open else "") + "}" * (text.count("{") - text.count("}"))


class AsksAgainItself(AsyncSingleShotStrategy):
    """Calls once more when a call has failed, whoever has seen some of it."""

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().execute(signature, inputs, config)
        except ProviderError:
            return await super().execute(signature, inputs, config)


class _GoingOn:
    """Reads the run in a task of its own, which nobody cancels."""

    def __init__(self, stream: RunStream) -> None:
        self._stream = stream
        self._items: asyncio.Queue[Any] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exc_info: object) -> None: ...

    async def __aiter__(self) -> AsyncIterator[Any]:
        while not (self._task.done() and self._items.empty()):
            item = await self._items.get()
            if isinstance(item, Exception):
                raise item
            yield item

    async def _read(self) -> None:
        try:
            async for item in self._stream:
                await self._items.put(item)
        except Exception as error:  # noqa: BLE001 - the reader is told
            await self._items.put(error)


class GoesOnWithoutReader(BaseAgent):
    def run_stream(self, /, session_id: str | None = None, *, restart: bool = False, **inputs: Any) -> Any:
        return _GoingOn(super().run_stream(session_id, restart=restart, **inputs))


MUTANTS: tuple[Mutant, ...] = (
    of_agent(
        "stream-differs-from-run",
        AddsToWholeRuns,
        "Adds to the results of runs what those of streams lack.",
        breaks="stream.same-outputs",
        words=("A stream ended with", "'words'"),
    ),
    of_agent(
        "mixes-streams",
        OneItemForAll,
        "Keeps what its readers are given next in one place for all of them.",
        breaks="stream.own-words",
        words=("The reader of stream", "that is not of its run"),
    ),
    of_agent(
        "partials-with-dots",
        ShowsThatMoreComes,
        "Puts dots after partial outputs, which then are no beginning of what follows.",
        breaks="stream.partials-are-a-beginning",
        words=("The reader was told", "…"),
    ),
    of_provider(
        "completes-cut-streams",
        CompletesWhatBrokeOff,
        "Completes the JSON of a stream that broke off, and takes it for an answer.",
        breaks="stream.cut-raises",
        words=("broke off", "and the run returned"),
    ),
    of_strategy(
        "retries-after-words",
        AsksAgainItself,
        "Asks again after a reader has seen the first words.",
        breaks="stream.told-words-stand",
        words=("broke off after words that the reader saw, and was asked again",),
    ),
    of_agent(
        "goes-on-without-reader",
        GoesOnWithoutReader,
        "Lets the run go on when its reader has left.",
        breaks="stream.break-closes",
        words=("The reader had left, and",),
    ),
    of_agent(
        "remembers-partials",
        RemembersWhatWasTold,
        "Remembers what was told of a stream that never came to its end.",
        breaks="stream.partials-are-not-remembered",
        words=("A stream was interrupted, and the next run of its session was shown", "assistant: "),
    ),
)
