"""What it costs to read a run while it goes on: the way of the first words, each later part, a whole run."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Iterator

from agents import QA, REPLY
from measure import Row, cpu_per_await, cpu_per_call

from kaizen_eval import BaseAgent, FakeLLM
from kaizen_eval.llm.partial import PartialReading
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest, Usage
from kaizen_eval.signatures import Signature

__all__ = ["rows"]


class _Saying:
    """A provider that says a text in parts, and when it handed out the first."""

    name = "saying"

    def __init__(self, text: str, size: int) -> None:
        self._parts = [text[at : at + size] for at in range(0, len(text), size)]
        self.at = 0.0

    async def complete(self, request: ChatRequest) -> ChatReply:
        raise NotImplementedError

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:  # noqa: ARG002 - as the protocol has it
        self.at = time.process_time()
        for part in self._parts:
            yield ChatDelta(text=part)
        yield ChatDelta(finish_reason="stop", usage=Usage(1, 1))

    async def aclose(self) -> None: ...


def rows() -> Iterator[Row]:
    yield from _first_words()
    yield from _each_part()
    yield _partials()
    yield from _whole_runs()


def _first_words() -> Iterator[Row]:
    provider = _Saying(json.dumps(REPLY), 8)
    agent = BaseAgent({"model": "gpt-4o"}, signature=QA, provider=provider)

    async def awaited() -> float:
        async with agent.run_stream(question="Where?") as stream:
            await anext(aiter(stream))
            return time.process_time() - provider.at

    def blocking() -> float:
        with agent.run_stream(question="Where?") as stream:
            next(iter(stream))
            return time.process_time() - provider.at

    ways = {"async for": lambda: asyncio.run(awaited()), "for": blocking}
    for name, way in ways.items():
        seconds = statistics.median(way() for _ in range(200))
        yield Row(
            name=f"the first words on their way to the reader, {name}", value=seconds * 1e3, unit="ms CPU", bound=2
        )


def _each_part() -> Iterator[Row]:
    parts = 2_000
    agent = BaseAgent({"model": "gpt-4o"}, provider=_Saying("lorem ip " * parts, 9))

    async def read() -> None:
        async for _ in agent.run_stream(question="Where?"):
            pass

    def read_blocking() -> None:
        for _ in agent.run_stream(question="Where?"):
            pass

    figures = {"async for": cpu_per_await(read, calls=3), "for": cpu_per_call(read_blocking, calls=1)}
    for name, seconds in figures.items():
        yield Row(name=f"a part of a reply, as text and outputs, {name}", value=seconds / parts * 1e6, unit="µs CPU")


def _partials() -> Row:
    text = json.dumps({"answer": "lorem ipsum " * 8_500, "confidence": 0.9})
    seconds = cpu_per_call(lambda: _read(QA, text), calls=1)
    return Row(name="partial outputs of 100 kB in 10,000 parts", value=seconds, unit="s CPU", bound=1)


def _read(signature: type[Signature], text: str) -> None:
    reading = PartialReading(signature)
    for at in range(0, len(text), 10):
        reading.feed(text[at : at + 10])


def _whole_runs() -> Iterator[Row]:
    fake = FakeLLM(keep=1).otherwise(REPLY)
    for name, provider in {"direct": fake, "sdk": fake.sdk()}.items():
        agent = BaseAgent({"model": "gpt-4o"}, signature=QA, provider=provider)

        async def read(agent: BaseAgent = agent) -> None:
            async for _ in agent.run_stream(question="Where?"):
                pass

        whole = cpu_per_await(lambda agent=agent: agent.run_async(question="Where?"), calls=100)
        seconds = cpu_per_await(read, calls=100)
        yield Row(
            name=f"a run read to its end on the {name} door",
            value=seconds * 1e6,
            unit="µs CPU",
            beside=f"run_async(): {whole * 1e6:.0f} µs",
        )
