"""What the OpenAI SDK makes of each fault: how often it asks, after how long, and what its caller gets."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import _constants
from sdk_asking import READ_TIMEOUT, chat, sdk_use

from kaizen_eval.fake import FakeLLM
from kaizen_eval.resilience.clock import virtual_time

WORDS = "One two three four five six."


def failing(name: str, **details: Any) -> FakeLLM:
    fake = FakeLLM()
    fake.fail(name, **details)
    return fake


def saying(name: str, **details: Any) -> FakeLLM:
    """The same with words of our own, which are what is spoiled."""
    return failing(name, reply=WORDS, **details)


def usual(retry: int) -> tuple[float, float]:
    """The least and the most seconds before the n-th retry, from 0: doubled up to a cap, minus up to a quarter."""
    most = min(_constants.INITIAL_RETRY_DELAY * 2**retry, _constants.MAX_RETRY_DELAY)
    return most * 0.75, most


def test_the_constants_are_the_measured_ones():
    told = (_constants.DEFAULT_MAX_RETRIES, _constants.INITIAL_RETRY_DELAY, _constants.MAX_RETRY_DELAY)
    assert told == (2, 0.5, 8.0)
    assert (_constants.DEFAULT_TIMEOUT.read, _constants.DEFAULT_TIMEOUT.connect) == (600, 5.0)


STATUSES = [
    (400, "BadRequestError", 1),
    (401, "AuthenticationError", 1),
    (403, "PermissionDeniedError", 1),
    (404, "NotFoundError", 1),
    (422, "UnprocessableEntityError", 1),
    (405, "APIStatusError", 1),
    (413, "APIStatusError", 1),
    (408, "APIStatusError", 2),
    (409, "ConflictError", 2),
    (429, "RateLimitError", 2),
    *((status, "InternalServerError", 2) for status in (500, 502, 503, 504, 529)),
]


@pytest.mark.parametrize(("status", "error", "attempts"), STATUSES)
def test_a_status_has_its_error_and_is_asked_again_or_not(status, error, attempts):
    came = sdk_use(failing("http_status", status=status), chat(), max_retries=1)
    assert (came.kind, came.what.status_code, came.attempts) == (error, status, attempts)
    assert all(usual(0)[0] <= gap <= usual(0)[1] for gap in came.gaps)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("bad_request", openai.BadRequestError),
        ("context_length_exceeded", openai.BadRequestError),
        ("authentication", openai.AuthenticationError),
        ("permission_denied", openai.PermissionDeniedError),
        ("not_found", openai.NotFoundError),
        ("conflict", openai.ConflictError),
        ("unprocessable", openai.UnprocessableEntityError),
        ("rate_limit", openai.RateLimitError),
        ("insufficient_quota", openai.RateLimitError),
        ("bad_gateway", openai.InternalServerError),
    ],
)
def test_a_named_status_has_the_sdks_own_error(name, error):
    assert type(sdk_use(failing(name), chat()).what) is error


def test_429_is_asked_three_times_with_growing_gaps_unless_told_otherwise():
    came = sdk_use(failing("rate_limit"), chat(), max_retries=_constants.DEFAULT_MAX_RETRIES)
    assert (came.kind, came.attempts) == ("RateLimitError", 3)
    assert all(least <= gap <= most for gap, (least, most) in zip(came.gaps, map(usual, range(2)), strict=True))


@settings(max_examples=8)
@given(st.integers(1, 8))
def test_the_gaps_never_pass_the_cap(retries):
    came = sdk_use(failing("server_error"), chat(), max_retries=retries)
    assert len(came.gaps) == retries
    assert all(usual(place)[0] <= gap <= usual(place)[1] for place, gap in enumerate(came.gaps))


DELAYS = [
    ({"retry_after": 0.3}, (0.3, 0.3)),
    ({"retry_after": 120}, (120, 120)),
    ({"retry_after": 121}, ()),
    ({"retry_after_ms": 50, "retry_after": 1}, (0.05, 0.05)),
    ({"retry_after": 3600}, ()),
    ({"should_retry": False}, ()),
    ({"should_retry": False, "retry_after": 0.3}, ()),
]


@pytest.mark.parametrize(("details", "gaps"), DELAYS)
def test_429_is_asked_again_when_the_service_says(details, gaps):
    came = sdk_use(failing("rate_limit", **details), chat(), max_retries=2)
    assert (came.kind, came.gaps) == ("RateLimitError", gaps)


@pytest.mark.parametrize("absurd", [{"retry_after": 0}, {"retry_after_text": "soon"}, {"retry_after_text": "-5"}])
def test_an_absurd_retry_after_leaves_the_usual_gap(absurd):
    came = sdk_use(failing("rate_limit", **absurd), chat(), max_retries=1)
    assert (came.kind, came.attempts, usual(0)[0] <= came.gaps[0] <= usual(0)[1]) == ("RateLimitError", 2, True)
    assert came.what.response.headers["retry-after"] == str(*absurd.values())


def test_400_is_asked_again_where_the_service_says_so():
    came = sdk_use(failing("bad_request", should_retry=True), chat(), max_retries=1)
    assert (came.kind, came.attempts) == ("BadRequestError", 2)


@pytest.mark.parametrize("name", ["hang", "half_open", "hang_in_body"])
def test_silence_is_a_timeout_and_asked_again(name):
    came = sdk_use(saying(name) if name == "hang_in_body" else failing(name), chat(), max_retries=1)
    assert (came.kind, came.attempts) == ("APITimeoutError", 2)
    assert type(came.what.__cause__) is httpx2.ReadTimeout
    assert round(came.elapsed - sum(came.gaps), 6) == 2 * READ_TIMEOUT


LOST = [
    ("connection_refused", httpx2.ConnectError, "All connection attempts failed"),
    ("connection_reset", httpx2.ReadError, "Connection reset by peer"),
    ("connection_closed", httpx2.RemoteProtocolError, "Server disconnected without sending a response."),
    ("garbage", httpx2.RemoteProtocolError, "illegal status line: bytearray(b'\\x00\\xff not HTTP')"),
    ("reset_after_headers", httpx2.ReadError, "Connection reset by peer"),
    ("reset_in_body", httpx2.ReadError, "Connection reset by peer"),
    ("connection_cut", httpx2.RemoteProtocolError, "peer closed connection without sending complete message body"),
    ("length_too_long", httpx2.RemoteProtocolError, "peer closed connection without sending complete message body"),
    ("invalid_chunk", httpx2.RemoteProtocolError, "illegal chunk header: bytearray(b'not a size\\r\\n')"),
]


@pytest.mark.parametrize(("name", "cause", "words"), LOST)
def test_a_lost_connection_is_a_connection_error_and_asked_again(name, cause, words):
    came = sdk_use(failing(name), chat(), max_retries=1)
    assert (came.kind, came.attempts) == ("APIConnectionError", 2)
    assert type(came.what.__cause__) is cause
    assert str(came.what.__cause__).startswith(words)


@pytest.mark.parametrize("name", ["truncated_json", "length_too_short", "truncated_gzip", "not_json", "empty_body"])
def test_a_body_that_is_no_json_raises_the_parsers_own_error_at_once(name):
    came = sdk_use(failing(name), chat(), max_retries=1)
    assert (type(came.what), came.attempts) == (json.JSONDecodeError, 1)


def test_a_body_that_is_no_utf8_raises_the_decoders_own_error_at_once():
    came = sdk_use(saying("invalid_utf8"), chat(), max_retries=1)
    assert (type(came.what), came.attempts) == (UnicodeDecodeError, 1)


def test_a_page_is_given_to_the_caller_as_a_text():
    came = sdk_use(failing("html_reply"), chat(), max_retries=1)
    assert (came.what, came.attempts) == ("<html><body><h1>Sign in to continue</h1></body></html>", 1)


def test_only_strict_validation_refuses_a_page():
    came = sdk_use(failing("html_reply"), chat(), max_retries=1, _strict_response_validation=True)
    assert (type(came.what), came.attempts) == (openai.APIResponseValidationError, 1)


def test_json_under_another_content_type_is_read_all_the_same():
    for kind in ("text/plain", "text/html; charset=utf-8"):
        came = sdk_use(saying("wrong_content_type", content_type=kind), chat(), max_retries=1)
        assert (came.what.choices[0].message.content, came.attempts) == (WORDS, 1)


async def first_text(client: openai.AsyncOpenAI) -> Any:
    completion = await chat()(client)
    return completion.choices[0].message.content


@pytest.mark.parametrize(
    ("fault", "details", "error"),
    [
        ("null_body", {}, AttributeError),
        ("wrong_shape", {}, IndexError),
        ("wrong_shape", {"body": '{"error": {"message": "no"}}'}, TypeError),
        ("wrong_shape", {"body": '{"choices": null}'}, TypeError),
    ],
)
def test_a_body_of_another_shape_breaks_the_caller_and_not_the_sdk(fault, details, error):
    came = sdk_use(failing(fault, **details), first_text, max_retries=1)
    assert (type(came.what), came.attempts) == (error, 1)


@pytest.mark.parametrize("body", ['{"error": {"message": "no"}}', '{"choices": null}', '"words"'])
def test_only_strict_validation_refuses_another_shape(body):
    came = sdk_use(failing("wrong_shape", body=body), chat(), max_retries=1, _strict_response_validation=True)
    assert (type(came.what), came.attempts) == (openai.APIResponseValidationError, 1)


def test_a_gzip_whose_checksum_is_wrong_is_a_connection_error():
    came = sdk_use(failing("broken_gzip"), chat(), max_retries=1)
    assert (came.kind, type(came.what.__cause__), came.attempts) == ("APIConnectionError", httpx2.DecodingError, 2)


def test_the_error_has_what_the_body_says():
    error = sdk_use(failing("http_status", status=400, kind="a", code="b", param="c", message="d"), chat()).what
    assert (error.type, error.code, error.param, error.body["message"]) == ("a", "b", "c", "d")
    assert error.request_id == error.response.headers["x-request-id"]


def test_a_page_has_an_error_by_its_status():
    error = sdk_use(failing("bad_gateway"), chat()).what
    assert (type(error), str(error), error.response.headers["content-type"]) == (
        openai.InternalServerError,
        "Error code: 502",
        "text/html; charset=utf-8",
    )


class Redirecting(httpx2.AsyncBaseTransport):
    """Sends the first request elsewhere."""

    def __init__(self, fake: FakeLLM) -> None:
        self._fake = fake.transport()
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.path)
        if len(self.asked) > 1:
            return await self._fake.handle_async_request(request)
        return httpx2.Response(307, headers={"location": "/moved/chat/completions"})


def test_a_redirection_is_followed_with_the_same_body():
    fake = FakeLLM().otherwise("hello")
    elsewhere = Redirecting(fake)

    async def ask():
        async with openai.AsyncOpenAI(
            api_key="k", http_client=openai.DefaultAsyncHttpxClient(transport=elsewhere)
        ) as client:
            return await first_text(client)

    with virtual_time() as clock:
        assert clock.run(ask()) == "hello"
    assert elsewhere.asked == ["/v1/chat/completions", "/moved/chat/completions"]
    assert [message.content for message in fake.journal.requests[0].messages] == ["Hi"]
