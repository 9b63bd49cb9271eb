"""Every fault that the fake's server can produce: a replay shows each client what it saw while it was recorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from kaizen_eval.fake import FAULTS, FakeLLM
from kaizen_eval.fake.faults.base import Fault, Spoiler
from kaizen_eval.fake.faults.streams.base import StreamFault
from kaizen_eval.fake.server.running import Serving
from kaizen_eval.recording import CassetteTransport

NEEDS = {"http_status": {"status": 418}}
SILENT = {"hang", "half_open", "hang_in_body", "stream_stall"}
ENDLESS = {"stream_endless", "stream_comments"}
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
NOWHERE = "https://elsewhere.invalid/v1"
ENOUGH = 12
"""Chunks after which a client leaves a stream that has no end."""


class Served:
    """One server, whose fake fails as it is told."""

    def __init__(self, fake: FakeLLM, server: Serving[FakeLLM]) -> None:
        self.fake = fake
        self.url = server.base_url

    def failing(self, name: str) -> str:
        self.fake.reset()
        self.fake.otherwise("one two three four five six seven")
        self.fake.fail(name, **NEEDS.get(name, {}))
        return self.url


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    fake = FakeLLM()
    with fake.serve(speed=1000) as server:
        yield Served(fake, server)


def limit(name: str) -> openai.Timeout:
    return openai.Timeout(20.0, read=0.3 if name in SILENT else 20.0)


async def by_the_sdk(transport: CassetteTransport, url: str, name: str, *, stream: bool) -> list[Any]:
    """Each word or reply, or what is raised, as the caller of the SDK sees it."""
    http = openai.DefaultAsyncHttpxClient(transport=transport)
    client = openai.AsyncOpenAI(api_key="x", base_url=url, max_retries=0, timeout=limit(name), http_client=http)
    got: list[Any] = []
    async with client:
        try:
            async with asyncio.timeout(0.3 if name in ENDLESS else 20):
                answer = await client.chat.completions.create(**ASKED, stream=stream)
                if not stream:
                    return [answer.model_dump() if isinstance(answer, openai.BaseModel) else answer]
                async with answer:
                    async for part in answer:
                        got.append(part.model_dump() if isinstance(part, openai.BaseModel) else part)
                        if len(got) == ENOUGH:
                            break
        except Exception as error:  # noqa: BLE001 - what is raised is what is compared
            got.append(told(error))
    return got


def told(error: Exception) -> tuple[Any, ...]:
    return type(error), str(error), getattr(error, "status_code", None), type(error.__cause__), str(error.__cause__)


def by_httpx(transport: CassetteTransport, url: str, name: str, *, stream: bool) -> list[Any]:
    """Status, and each chunk of the body, or what is raised, as a client below the SDK sees it."""
    got: list[Any] = []
    asked = json.dumps(ASKED | {"stream": stream})
    with httpx2.Client(transport=transport, timeout=limit(name)) as client:
        try:
            with client.stream("POST", f"{url}/chat/completions", content=asked) as response:
                got.append((response.status_code, response.headers.get("content-type")))
                for piece in response.iter_raw():
                    got.append(piece)
                    if len(got) == ENOUGH:
                        break
        except httpx2.HTTPError as error:
            got.append((type(error), str(error)))
    return got


def ways(kind: type[Fault]) -> pytest.MarkDecorator:
    """Each fault where it shows: what breaks an answer breaks whole ones and streams, or streams alone."""
    of_kind = [name for name in sorted(FAULTS) if issubclass(FAULTS[name], kind)]
    whole = [(name, False) for name in of_kind if not issubclass(FAULTS[name], StreamFault)]
    streamed = [(name, True) for name in of_kind if issubclass(FAULTS[name], Spoiler)]
    return pytest.mark.parametrize(("name", "stream"), whole + streamed)


@pytest.mark.unmeasured
@ways(Fault)
def test_the_sdk_s_caller_sees_every_fault_again(served, tmp_path, name, stream):
    def ask(transport: CassetteTransport, url: str) -> list[Any]:
        return asyncio.run(by_the_sdk(transport, url, name, stream=stream))

    check(tmp_path / "fault.yaml", ask, served.failing(name))


@ways(Spoiler)
def test_a_client_sees_every_chunk_of_every_broken_answer_again(served, tmp_path, name, stream):
    def ask(transport: CassetteTransport, url: str) -> list[Any]:
        return by_httpx(transport, url, name, stream=stream)

    check(tmp_path / "fault.yaml", ask, served.failing(name))


def check(path: Path, ask: Any, url: str) -> None:
    recorded = ask(CassetteTransport(path, "record"), url)
    assert ask(CassetteTransport(path), NOWHERE) == recorded
