"""The transport under an HTTP client: synchronous clients, bodies in time, clients that leave early."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import openai
import pytest

from kaizen_eval.errors import UsageError
from kaizen_eval.fake import FakeLLM, Latency
from kaizen_eval.messages import Usage
from kaizen_eval.resilience.clock import sleep, virtual_time

WORDS = "One two three four."
ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
URL = "http://fake/v1/chat/completions"


def saying(name: str, **details: Any) -> FakeLLM:
    fake = FakeLLM()
    fake.fail(name, **{"reply": WORDS} | details)
    return fake


def sync_client(fake: FakeLLM, **options: Any) -> openai.OpenAI:
    http = openai.DefaultHttpxClient(transport=fake.transport())
    return openai.OpenAI(api_key="k", http_client=http, **{"max_retries": 0} | options)


def test_a_synchronous_client_is_answered():
    fake = FakeLLM().otherwise(WORDS)
    with sync_client(fake) as client:
        completion = client.chat.completions.create(**ASKED)
        said = [chunk.choices[0].delta.content for chunk in client.chat.completions.create(**ASKED, stream=True)]
    assert (completion.choices[0].message.content, "".join(part or "" for part in said)) == (WORDS, WORDS)
    assert [exchange.outcome for exchange in fake.journal.exchanges] == ["reply", "reply"]


def test_a_synchronous_client_waits_on_virtual_time():
    fake = FakeLLM(latency=Latency(first=3600)).otherwise(WORDS)
    with virtual_time() as clock, sync_client(fake, timeout=None) as client:
        assert client.chat.completions.create(**ASKED).choices[0].message.content == WORDS
        assert clock.elapsed == 3600


@pytest.mark.parametrize(
    ("name", "details", "error"),
    [
        ("hang", {}, openai.APITimeoutError),
        ("connection_refused", {}, openai.APIConnectionError),
        ("connection_cut", {"reply": WORDS}, openai.APIConnectionError),
        ("hang_in_body", {"reply": WORDS}, openai.APITimeoutError),
        ("not_found", {}, openai.NotFoundError),
    ],
)
def test_a_synchronous_client_meets_the_same_errors(name, details, error):
    fake = FakeLLM()
    fake.fail(name, **details)
    with virtual_time(), sync_client(fake, timeout=5) as client, pytest.raises(openai.APIError) as raised:
        client.chat.completions.create(**ASKED)
    assert type(raised.value) is error


def test_a_synchronous_stream_is_cut_after_its_events():
    said = []
    with sync_client(saying("stream_cut", after=3)) as client, pytest.raises(openai.APIConnectionError):
        said.extend(client.chat.completions.create(**ASKED, stream=True))
    assert len(said) == 3


async def read(fake: FakeLLM, *, first: int | None = None, pause: float = 0, **asked: Any) -> list[bytes]:
    """The parts of a body as they come; the client leaves after the first so many."""
    parts: list[bytes] = []
    async with (
        httpx2.AsyncClient(transport=fake.transport(), timeout=None) as client,
        client.stream("POST", URL, json=ASKED | {"stream": True} | asked) as response,
    ):
        async for part in response.aiter_raw():
            parts.append(part)
            if len(parts) == first:
                break
            await sleep(pause)
    return parts


def test_a_stream_comes_at_its_pace():
    fake = FakeLLM(latency=Latency(first=2, per_token=0.5)).otherwise(WORDS)
    with virtual_time() as clock:
        parts = clock.run(read(fake))
        tokens = fake.journal.exchanges[0].usage.completion
        assert clock.elapsed == fake.journal.exchanges[0].seconds == 2 + 0.5 * tokens
    assert len(parts) >= tokens


def test_a_slow_reader_does_not_shift_what_comes_later():
    fake = saying("stream_comments", every=10, times=4)
    with virtual_time() as clock:
        clock.run(read(fake, pause=9))
        assert clock.elapsed == 40 + 9


def test_a_client_that_leaves_a_stream_ends_its_exchange():
    fake = FakeLLM(latency=Latency(first=1, per_token=1)).otherwise(WORDS)
    with virtual_time() as clock:
        clock.run(read(fake, first=2))
    [exchange] = fake.journal.exchanges
    assert (exchange.outcome, exchange.error, exchange.seconds) == ("cancelled", "CancelledError", 1)
    assert (exchange.text, exchange.usage) == (WORDS[:4], Usage(8, 1))


def test_a_client_that_leaves_after_the_last_event_has_read_it_all():
    fake = FakeLLM().otherwise(WORDS)
    with virtual_time() as clock:
        everything = len(clock.run(read(fake)))
        clock.run(read(fake, first=everything))
    assert [exchange.outcome for exchange in fake.journal.exchanges] == ["reply", "reply"]


def test_a_client_that_leaves_a_fault_has_met_it():
    fake = saying("stream_comments")
    with virtual_time() as clock:
        clock.run(read(fake, first=3))
    assert [(exchange.outcome, exchange.seconds) for exchange in fake.journal.exchanges] == [("stream_comments", 3)]


@pytest.mark.parametrize(("name", "details"), [("slow_headers", {"pace": 2}), ("slow_body", {"pace": 2})])
def test_a_client_whose_patience_is_shorter_than_the_pace_gives_up(name, details):
    async def ask(patience: float) -> httpx2.Response:
        async with httpx2.AsyncClient(transport=saying(name, **details).transport(), timeout=patience) as client:
            return await client.post(URL, json=ASKED)

    with virtual_time() as clock:
        with pytest.raises(httpx2.ReadTimeout):
            clock.run(ask(1))
        assert clock.elapsed == 1
        assert clock.run(ask(3)).json()["choices"][0]["message"]["content"] == WORDS


def test_inside_virtual_time_a_slow_body_on_a_real_loop_is_not_waited_for():
    with virtual_time(), pytest.raises(UsageError, match="on real time was asked to wait"):
        asyncio.run(read(saying("stream_comments", every=10)))


def test_a_caller_that_is_cancelled_in_a_body_ends_its_exchange():
    async def impatient(fake: FakeLLM) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await read(fake)

    fake = saying("stream_stall")
    with virtual_time() as clock:
        clock.run(impatient(fake))
    [exchange] = fake.journal.exchanges
    assert (exchange.seconds, exchange.outcome, exchange.error) == (5, "stream_stall", "CancelledError")
