"""What it costs to read a run while it goes on: the way of the first words, each later part, a whole run."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Iterator

import httpx2
from agents import QA, REPLY
from measure import Row, cpu_per_await, cpu_per_call

from kaizen_eval import BaseAgent, FakeLLM
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.llm.partial import PartialReading
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest, Usage
from kaizen_eval.signatures import Signature

__all__ = ["rows"]

LARGE = json.dumps({"answer": "lorem ipsum " * 8_500, "confidence": 0.9})


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


class _Noting(httpx2.AsyncBaseTransport):
    """Notes when the head of a response reaches the client; what its first words wait for comes after that."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.at = 0.0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        self.at = time.thread_time()
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def rows() -> Iterator[Row]:
    yield from _first_words()
    yield from _first_words_behind_doors()
    yield from _each_part()
    yield _large_reply()
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


def _first_words_behind_doors() -> Iterator[Row]:
    """The direct door has no head of its own: the request counts there, and all that the fake does about it."""
    fake = FakeLLM(keep=1).otherwise(REPLY)
    with fake.serve() as server:
        clients = {
            "sdk": (fake.transport(), server.base_url),
            "server": (httpx2.AsyncHTTPTransport(), server.base_url),
        }
        figures = {name: asyncio.run(_after_the_head(*client)) for name, client in clients.items()}
    figures["direct"] = asyncio.run(_after_the_request(fake))
    for name, seconds in figures.items():
        since = "its request" if name == "direct" else "the response's head"
        yield Row(
            name=f"the first words to the reader, {name} door, since {since}",
            value=seconds * 1e3,
            unit="ms CPU",
            bound=2,
        )


async def _after_the_head(transport: httpx2.AsyncBaseTransport, base_url: str) -> float:
    noting = _Noting(transport)
    provider = OpenAIProvider("sk-fake", base_url, transport=noting)
    agent = BaseAgent({"model": "gpt-4o"}, signature=QA, provider=provider)
    try:
        return statistics.median([await _until_first_words(agent) - noting.at for _ in range(100)])
    finally:
        await provider.aclose()


async def _after_the_request(fake: FakeLLM) -> float:
    agent = BaseAgent({"model": "gpt-4o"}, signature=QA, provider=fake)
    return statistics.median([-time.thread_time() + await _until_first_words(agent) for _ in range(100)])


async def _until_first_words(agent: BaseAgent) -> float:
    """When they are there, by this thread's CPU time."""
    async with agent.run_stream(question="Where?") as stream:
        await anext(aiter(stream))
        return time.thread_time()


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
        yield Row(
            name=f"1,000 parts of a reply, as text and outputs, {name}",
            value=seconds / parts * 1e6,
            unit="ms CPU",
            bound=100 if name == "async for" else None,
            beside="" if name == "async for" else "each item is two hops between threads",
        )


def _large_reply() -> Row:
    """All the way: text deltas and partial outputs, one of which grows to 100 kB."""
    agent = BaseAgent({"model": "gpt-4o"}, signature=QA, provider=_Saying(LARGE, 10))

    async def read() -> None:
        async for _ in agent.run_stream(question="Where?"):
            pass

    seconds = cpu_per_await(read, calls=1)
    return Row(name="100 kB read in 10,000 parts, with partial outputs", value=seconds, unit="s CPU", bound=1)


def _partials() -> Row:
    seconds = cpu_per_call(lambda: _read(QA, LARGE), calls=1)
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
