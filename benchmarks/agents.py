"""What a run costs on the doors of the fake, beside the bare SDK."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Iterator

from measure import Row, cpu_of_contenders, cpu_per_await, cpu_per_call, wall_best

from kaizen_eval import BaseAgent, BufferMemory, FakeLLM, InputField, OutputField, Signature, virtual_time
from kaizen_eval.llm import prompt, wire
from kaizen_eval.memory import Turn
from kaizen_eval.messages import ChatRequest, Message

__all__ = ["rows"]


class QA(Signature):
    """Answer the question."""

    question: str = InputField(description="What is asked")
    context: str = InputField(description="What is known", default="")
    answer: str = OutputField(description="The answer")
    confidence: float = OutputField(ge=0, le=1)


REPLY = {"answer": "Paris", "confidence": 0.9}


def rows() -> Iterator[Row]:
    yield from _runs()
    yield from _sdk_share()
    yield _concurrency()
    yield _an_hour()
    yield from _memory()


def _agent(fake: FakeLLM) -> BaseAgent:
    return BaseAgent({"model": "gpt-4o"}, signature=QA, provider=fake)


def _runs() -> Iterator[Row]:
    scripted = _agent(FakeLLM().otherwise(REPLY))
    generated = _agent(FakeLLM())
    sync = cpu_per_call(lambda: scripted.run(question="Where?"), calls=500)
    asynchronous = cpu_per_await(lambda: scripted.run_async(question="Where?"))
    yield Row(name="run() on the direct door", value=sync * 1e6, unit="µs CPU", bound=400)
    yield Row(name="run_async() on the direct door", value=asynchronous * 1e6, unit="µs CPU", bound=200)
    made_up = cpu_per_await(lambda: generated.run_async(question="Where?"))
    yield Row(name="run_async(), reply generated", value=made_up * 1e6, unit="µs CPU")
    request = ChatRequest(
        model="gpt-4o",
        messages=(Message("user", "Where?"),),
        output_mode="schema",
        output_schema=QA.strict_output_schema(),
    )
    for name, fake in [("scripted", FakeLLM().otherwise(REPLY)), ("generated", FakeLLM())]:
        reply = cpu_per_await(lambda fake=fake: fake.complete(request))
        yield Row(name=f"one fake reply, {name}", value=reply * 1e6, unit="µs CPU", bound=90)


def _sdk_share() -> Iterator[Row]:
    """Our provider, and a whole run, over what the SDK itself costs on the same transport."""
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient  # noqa: PLC0415 - the SDK is measured here alone

    fake = FakeLLM(keep=1).otherwise(REPLY)
    provider = fake.sdk()
    agent = BaseAgent({"model": "gpt-4o"}, signature=QA, provider=provider)
    request = prompt.build(QA, QA.bind({"question": "Where?"}), config=agent.config)
    body = wire.encode_request(request)
    client = AsyncOpenAI(
        api_key="fake-key", max_retries=0, http_client=DefaultAsyncHttpxClient(transport=fake.transport())
    )
    contenders = {
        "bare": lambda: client.chat.completions.create(**body),
        "provider": lambda: provider.complete(request),
        "run": lambda: agent.run_async(question="Where?"),
    }
    best = cpu_of_contenders(contenders)
    for name, key in [("our provider", "provider"), ("a whole run", "run")]:
        yield Row(
            name=f"sdk door: {name}, on top of a bare AsyncOpenAI call",
            value=100 * (best[key] / best["bare"] - 1),
            unit="%",
            bound=15,
            beside=f"bare: {best['bare'] * 1e6:.0f} µs, ours: {best[key] * 1e6:.0f} µs",
        )


def _concurrency() -> Row:
    agent = _agent(FakeLLM(latency=0.2).otherwise(REPLY))
    items = [{"question": str(n)} for n in range(100)]
    seconds = wall_best(lambda: agent.run_batch(items, max_concurrency=100), rounds=3)
    return Row(
        name="100 concurrent runs on a 200 ms model, real clock",
        value=seconds,
        unit="s",
        bound=0.30,
        beside="ideal: 0.2 s",
    )


def _an_hour() -> Row:
    def wait_an_hour() -> None:
        fake = FakeLLM()
        fake.fail("rate_limit", retry_after=3600).times(1)
        agent = BaseAgent({"model": "gpt-4o", "timeout": 7200}, signature=QA, provider=fake)
        with virtual_time() as clock:
            clock.run(agent.run_async(question="Where?"))
            if clock.elapsed != 3600:
                raise RuntimeError(f"the hour took {clock.elapsed} s")

    wait_an_hour()
    return Row(name="a Retry-After of one hour, virtual", value=wall_best(wait_an_hour) * 1e3, unit="ms", bound=20)


def _memory() -> Iterator[Row]:
    """10,000 sessions x 20 turns, then as many again: the second half must not grow what the first one took."""
    memory = BufferMemory(max_turns=10, max_sessions=10_000)
    tracemalloc.start()
    first = _fill(memory, "first")
    second = _fill(memory, "second")
    tracemalloc.stop()
    yield Row(name="10,000 sessions x 20 turns, kept in memory", value=first / 2**20, unit="MB")
    yield Row(name="the same again, growth", value=100 * (second - first) / first, unit="%", bound=2)


def _fill(memory: BufferMemory, name: str) -> int:
    async def talk() -> None:
        for turn in range(20):
            for session in range(10_000):
                said = f"{name} {session} {turn} " + "x" * 40
                await memory.append(f"{name}-{session}", Turn((Message("user", said), Message("assistant", said))))

    asyncio.run(talk())
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
