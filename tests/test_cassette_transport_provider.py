"""Our provider on a cassette: agents, their retries and their time limits, recorded once and replayed exactly."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kaizen_eval.config import AgentConfig, RetryPolicy
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import CassetteMiss, RunTimeout
from kaizen_eval.fake import FakeLLM, misses
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.messages import ChatRequest, Message
from kaizen_eval.recording import CassetteTransport
from kaizen_eval.resilience.clock import virtual_time


def provider(path: Path, inner: httpx2.AsyncBaseTransport | None = None, **settings: Any) -> OpenAIProvider:
    mode = "replay" if inner is None else "record"
    return OpenAIProvider("sk-x", transport=CassetteTransport(path, mode, inner, **settings))


def question(text: str) -> ChatRequest:
    return ChatRequest(model="m", messages=(Message("user", text),))


async def asked(path: Path, inner: Any, *texts: str) -> list[str]:
    asking = provider(path, inner)
    try:
        replies = await asyncio.gather(*(asking.complete(question(text)) for text in texts))
    finally:
        await asking.aclose()
    return [reply.text for reply in replies]


def run(path: Path, inner: Any = None, **config: Any) -> tuple[Any, float]:
    """What an agent answers or raises, and how many virtual seconds that takes."""

    async def answer() -> Any:
        asking = provider(path, inner)
        agent = BaseAgent(AgentConfig(model="m", **config), provider=asking)
        try:
            result: Any = (await agent.run_async(question="hi"))["response"]
        except RunTimeout as error:
            result = type(error)
        await asking.aclose()
        return result

    with virtual_time() as clock:
        return clock.run(answer()), clock.elapsed


def test_an_agent_waits_again_exactly_as_the_recorded_retry_after_says(tmp_path):
    fake = FakeLLM().otherwise("at last")
    fake.fail("rate_limit", retry_after=7).times(2)
    path = tmp_path / "retries.yaml"
    recorded = run(path, fake.transport(), retry=RetryPolicy(attempts=3))
    assert recorded == ("at last", 14.0)
    assert run(path, retry=RetryPolicy(attempts=3)) == recorded


@pytest.mark.parametrize("fault", ["hang", "hang_in_body"])
def test_an_agents_own_time_limit_passes_again(tmp_path, fault):
    fake = FakeLLM()
    fake.fail(fault)
    path = tmp_path / "late.yaml"
    recorded = run(path, fake.transport(), timeout=9)
    assert recorded == (RunTimeout, 9.0)
    assert run(path, timeout=9) == recorded


def test_a_hundred_calls_at_once_each_get_their_own_answer_again(tmp_path):
    fake = FakeLLM().otherwise(lambda request: f"{request.messages[-1].content}!")
    path, texts = tmp_path / "many.yaml", [f"question {number}" for number in range(100)]
    recorded = asyncio.run(asked(path, fake.transport(), *texts))
    assert asyncio.run(asked(path, None, *reversed(texts))) == recorded[::-1] == [f"{text}!" for text in texts[::-1]]


def test_a_miss_comes_out_of_the_provider_as_it_is(tmp_path):
    path = tmp_path / "one.yaml"
    asyncio.run(asked(path, FakeLLM().otherwise("yes").transport(), "known"))
    with pytest.raises(CassetteMiss):
        asyncio.run(asked(path, None, "unknown"))
    assert [miss.kind for miss in misses.take()] == [CassetteMiss]
