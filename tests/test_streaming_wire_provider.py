"""Streams through the real OpenAI SDK, over a real socket, from a server that misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import pickle
from typing import Any

import httpx2
import pytest
from doubles_http import Act, Server, response, serving
from streams_asked import Streamed, streamed
from streams_written import DONE, END, chunk, event, stream

from kaizen_eval.errors import (
    AttemptTimeout,
    AuthenticationFailed,
    BadResponse,
    CassetteMiss,
    ConfigError,
    ConnectionLost,
    ProviderError,
    RateLimited,
    ServerFailed,
    UsageError,
)
from kaizen_eval.llm.openai import OpenAIProvider
from kaizen_eval.messages import ChatDelta, ChatRequest, Message
from kaizen_eval.provider import StreamingProvider
from kaizen_eval.resilience.clock import virtual_time

KEY = "sk-test-THE-WHOLE-KEY-0123456789"
REQUEST = ChatRequest(model="gpt-4o-mini", messages=(Message("user", "Hi"),), session_id="s", agent_id="a")
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req_1\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
HI = ChatDelta(text="Hi", model="m", id="c1")
STOP = ChatDelta(finish_reason="stop", model="m", id="c1")


def framed(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)


def whole(*texts: str) -> bytes:
    return CHUNKED + framed(stream(*texts)) + b"0\r\n\r\n"


def told(*answers: Any, times: int = 1, leave: int | None = None) -> tuple[list[Streamed], Server]:
    """What came of so many streams, one after the other, and the server that they came from."""

    async def ask_them() -> tuple[list[Streamed], Server]:
        async with serving(*answers) as server:
            provider = OpenAIProvider(KEY, server.base_url)
            came = [await streamed(provider, REQUEST, leave=leave) for _ in range(times)]
            if leave is not None:
                await asyncio.wait_for(server.client_left.wait(), 20)
            await provider.aclose()
            return came, server

    return asyncio.run(ask_them())


def one(*steps: Any) -> Streamed:
    [came], server = told(steps)
    assert len(server.asked) == 1
    return came


def over(transport: httpx2.AsyncBaseTransport, request: ChatRequest = REQUEST) -> Streamed:
    with virtual_time() as clock:
        return clock.run(streamed(OpenAIProvider(KEY, transport=transport), request))


class Parts(httpx2.AsyncByteStream):
    """A body whose parts are sent, or raised."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self._parts = parts
        self.is_closed = False

    async def __aiter__(self):
        for part in self._parts:
            if isinstance(part, Exception):
                raise part
            yield part

    async def aclose(self) -> None:
        self.is_closed = True


def answering(body: httpx2.AsyncByteStream, status: int = 200) -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda _: httpx2.Response(status, stream=body))


def test_a_stream_is_given_part_by_part():
    assert one(whole("Hi")).deltas == (HI, STOP)


def test_it_is_asked_for_with_its_usage_and_read_whatever_the_request_says_of_streams():
    _, server = told(whole("Hi"))
    assert server.asked[0].body == {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert not any(name.startswith("x-kaizen") for name in server.asked[0].headers)


def test_a_delta_comes_before_the_next_is_written():
    async def tell() -> ChatDelta:
        async with serving((CHUNKED + framed(chunk("Hi")), Act.HANG)) as server:
            provider = OpenAIProvider(KEY, server.base_url)
            parts = provider.stream(REQUEST)
            first = await asyncio.wait_for(anext(parts), 20)
            await parts.aclose()
            await provider.aclose()
            return first

    assert asyncio.run(tell()) == HI


def test_nothing_is_asked_before_the_first_part_is():
    OpenAIProvider(KEY, "http://127.0.0.1:1/v1").stream(REQUEST)


def test_streams_one_after_the_other_share_a_connection():
    came, server = told(whole("Hi"), times=3)
    assert ([stream.error for stream in came], len(server.asked), server.connections) == ([None] * 3, 3, 1)


def test_a_connection_that_stays_open_after_the_mark_of_the_end_is_not_waited_for():
    came, server = told((CHUNKED + framed(stream("Hi")), Act.HANG), whole("Ho"), times=2)
    assert [(stream.text, stream.error) for stream in came] == [("Hi", None), ("Ho", None)]
    assert server.connections == 2


def test_whoever_leaves_a_stream_hangs_up_at_once():
    [came], _ = told((CHUNKED + framed(chunk("Hi"), chunk("ho")), Act.HANG), leave=1)
    assert came.deltas == (HI,)


@pytest.mark.parametrize("act", [Act.CLOSE, Act.RESET])
def test_a_connection_that_is_lost_amid_a_stream_tells_what_had_come(act):
    async def tell() -> Streamed:
        async with serving((CHUNKED + framed(chunk("Hi")),)) as server:
            server.answers = [(CHUNKED + framed(chunk("Hi")), act)]
            return await streamed(OpenAIProvider(KEY, server.base_url), REQUEST)

    came = asyncio.run(tell())
    assert type(came.error) is ConnectionLost
    assert came.error.received in {"Hi", None}  # a reset may overtake what was sent
    assert "was lost after" in str(came.error)


def test_a_lost_stream_says_after_how_much_and_can_be_pickled():
    error = over(answering(Parts(chunk("Hi"), httpx2.ReadError("gone")))).error
    same = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert str(same) == (
        "The connection to https://api.openai.com/v1 was lost after 2 characters of the reply (ReadError: gone)."
    )
    assert (same.received, same.status) == ("Hi", 200)


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (httpx2.ReadTimeout("slow"), AttemptTimeout, "did not go on in time, after 2 characters of the reply"),
        (httpx2.RemoteProtocolError("odd"), ConnectionLost, "was lost after 2 characters of the reply"),
        (httpx2.DecodingError("odd"), BadResponse, "cannot be read any further, after 2 characters of the reply"),
        (CassetteMiss("no", path="a"), CassetteMiss, "no"),
    ],
)
def test_what_a_transport_raises_amid_a_stream_is_translated(raised, kind, words):
    body = Parts(chunk("Hi"), raised)
    came = over(answering(body))
    assert (came.deltas, type(came.error), body.is_closed) == ((HI,), kind, True)
    assert words in str(came.error)


@pytest.mark.parametrize(
    ("status", "kind"), [("429 Slow Down", RateLimited), ("401 No", AuthenticationFailed), ("500 Oops", ServerFailed)]
)
def test_a_stream_that_is_refused_is_the_error_of_its_status(status, kind):
    came = one(response({"error": {"message": "No."}}, status, retry_after="3", x_request_id="req_1"))
    assert (came.deltas, type(came.error), came.error.received) == ((), kind, None)
    assert (came.error.retry_after, came.error.request_id) == (3.0, "req_1")


def test_a_refusal_whose_reason_is_lost_is_a_lost_connection():
    [came], _ = told((b"HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\n{", Act.CLOSE))
    assert type(came.error) is ConnectionLost
    slow = over(answering(Parts(httpx2.ReadTimeout("slow")), status=500))
    assert type(slow.error) is AttemptTimeout
    missing = over(answering(Parts(CassetteMiss("no", path="a")), status=500))
    assert type(missing.error) is CassetteMiss


def test_a_whole_completion_instead_of_a_stream_is_a_bad_response():
    error = one(response({"object": "chat.completion", "choices": []}, x_request_id="req_1")).error
    assert (type(error), error.status, error.request_id, error.received) == (BadResponse, 200, "req_1", None)


def test_a_packed_stream_is_unpacked():
    packed = gzip.compress(stream("Hi"))
    head = HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    assert one(head + packed).text == "Hi"
    assert type(one(head + packed[:-8] + b"\0" * 8).error) is BadResponse


@pytest.mark.parametrize(
    "broken",
    [
        event({"error": {"message": f"Bad key {KEY}", "code": "server_error"}}),
        b"data: " + KEY.encode() + b"\n\n",
        b"",
    ],
)
def test_no_error_of_a_stream_holds_the_key(broken):
    error = one(CHUNKED + framed(chunk(f"I say {KEY}") + broken) + b"0\r\n\r\n").error
    shown = f"{error!r} {error.body} {error.received} {error.__cause__!r} {error.__context__!r}"
    assert (isinstance(error, ProviderError), KEY in shown, error.received) == (True, False, "I say [secret]")


def test_a_closed_provider_and_a_request_without_a_model_are_refused():
    async def tell() -> list[type]:
        provider = OpenAIProvider(KEY, "http://127.0.0.1:1/v1")
        nameless = await streamed(provider, ChatRequest(model=None, messages=()))
        await provider.aclose()
        return [type(nameless.error), type((await streamed(provider, REQUEST)).error)]

    assert asyncio.run(tell()) == [ConfigError, UsageError]


def test_a_connection_that_is_refused_is_lost():
    came = asyncio.run(streamed(OpenAIProvider(KEY, "http://127.0.0.1:1/v1"), REQUEST))
    assert (type(came.error), came.error.received) == (ConnectionLost, None)


def test_what_follows_the_mark_of_the_end_fails_nobody():
    body = Parts(stream("Hi"), httpx2.ReadError("gone"))
    assert (over(answering(body)).text, body.is_closed) == ("Hi", True)
    late = Parts(chunk("Hi") + END, DONE, b"data: {")
    assert (over(answering(late)).text, late.is_closed) == ("Hi", True)


def test_providers_that_stream_are_known_by_their_method():
    provider = OpenAIProvider(KEY)
    assert isinstance(provider, StreamingProvider)
