"""What the OpenAI SDK makes of each fault of a stream."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai
import pytest
from sdk_asking import READ_TIMEOUT, chat, chat_stream, responses_stream, sdk_use

from kaizen_eval.fake import FakeLLM, Reply

WORDS = "One two three four five six."
CALL = Reply(tool_calls=[{"name": "look", "arguments": {"q": "x"}}])
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}]


PIECES = tuple(sdk_use(FakeLLM().otherwise(WORDS), chat_stream()).what)
TWO = "".join(PIECES[:2])


def saying(name: str, **details: Any) -> FakeLLM:
    """A fake whose streams go wrong, with words of our own."""
    fake = FakeLLM()
    fake.fail(name, **{"reply": WORDS} | details)
    return fake


def streamed(name: str, **details: Any) -> tuple[str, Any, int]:
    """The text that came, what was raised after it, and how often the SDK asked."""
    came = sdk_use(saying(name, **details), chat_stream(), max_retries=1)
    *texts, last = [*came.what, None] if not came.what or isinstance(came.what[-1], str) else came.what
    return "".join(texts), last, came.attempts


def test_a_good_stream_says_it_all():
    fake = FakeLLM().otherwise(WORDS)
    assert "".join(sdk_use(fake, chat_stream()).what) == WORDS


SILENT = [
    ("stream_without_done", {}, WORDS),
    ("stream_cut", {"after": 0, "ending": "complete"}, ""),
    ("stream_cut", {"after": 3, "ending": "complete"}, TWO),
    ("stream_cut_in_event", {"after": 3, "ending": "complete"}, TWO),
    ("stream_comments", {"times": 3}, ""),
    ("stream_as_json", {}, ""),
    ("stream_crumbs", {}, WORDS),
    ("stream_crumbs", {"crlf": True, "comments": True}, WORDS),
    ("stream_crumbs", {"reply": "é → 😀", "crlf": True}, "é → 😀"),
    ("stream_wrong_id", {}, WORDS),
    ("wrong_content_type", {}, WORDS),
]


@pytest.mark.parametrize(("name", "details", "text"), SILENT)
def test_a_stream_that_ends_in_order_is_a_success_whatever_it_lacks(name, details, text):
    assert streamed(name, **details) == (text, None, 1)


def test_a_last_event_without_a_blank_line_is_dropped_silently():
    whole, lacking = saying("stream_crumbs"), saying("stream_unended")
    events = [sdk_use(fake, responses_stream()).what for fake in (whole, lacking)]
    assert events[1] == events[0][:-1]


def test_events_that_come_twice_are_given_twice():
    text, raised, _ = streamed("stream_duplicates")
    assert (text, raised) == ("".join(piece * 2 for piece in PIECES), None)


def test_events_that_changed_places_are_given_as_they_come():
    text, raised, _ = streamed("stream_reordered")
    assert (sorted(text), text != WORDS, raised) == (sorted(WORDS), True, None)


BROKEN = [
    ("stream_cut", {"after": 0}, "", httpx2.RemoteProtocolError),
    ("stream_cut", {"after": 3}, TWO, httpx2.RemoteProtocolError),
    ("stream_cut", {"after": 3, "ending": "reset"}, TWO, httpx2.ReadError),
    ("stream_cut_in_event", {"after": 3}, TWO, httpx2.RemoteProtocolError),
    ("stream_cut_in_character", {}, "", httpx2.RemoteProtocolError),
    ("reset_after_headers", {}, "", httpx2.ReadError),
]


@pytest.mark.parametrize(("name", "details", "text", "cause"), BROKEN)
def test_a_stream_that_is_lost_is_a_connection_error_after_its_events(name, details, text, cause):
    came, raised, attempts = streamed(name, **details)
    assert (came, type(raised), type(raised.__cause__), attempts) == (text, openai.APIConnectionError, cause, 1)


@pytest.mark.parametrize("name", ["stream_stall", "hang_in_body"])
def test_a_stream_that_stalls_is_a_timeout_and_not_asked_again(name):
    came = sdk_use(saying(name), chat_stream(), max_retries=1)
    assert (type(came.what[-1]), came.attempts, came.elapsed) == (openai.APITimeoutError, 1, READ_TIMEOUT)


def test_comments_keep_a_stream_alive_past_every_timeout():
    came = sdk_use(saying("stream_comments", every=20, times=100), chat_stream(), timeout=30)
    assert (came.what, came.elapsed) == ([], 2000)
    [error] = sdk_use(saying("stream_comments", every=31), chat_stream(), timeout=30).what
    assert type(error) is openai.APITimeoutError


def test_a_stream_without_end_says_more_than_anybody_reads():
    async def some(client: openai.AsyncOpenAI) -> list[str]:
        said: list[str] = []
        async for chunk in await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Hi"}], stream=True
        ):
            said += [choice.delta.content for choice in chunk.choices if choice.delta.content]
            if len(said) == 1000:
                return said
        return said

    fake = saying("stream_endless", every=2)
    came = sdk_use(fake, some)
    more = 1000 - len(PIECES)
    assert (came.what, came.elapsed) == ([*PIECES, *PIECES[-1:] * more], more * 2)
    assert [exchange.seconds for exchange in fake.journal.exchanges] == [more * 2]


def test_an_error_in_a_stream_is_an_api_error_without_a_status():
    text, raised, attempts = streamed("stream_error", after=3, message="Too bad.", code="oops")
    assert (text, type(raised), attempts) == (TWO, openai.APIError, 1)
    assert (raised.message, raised.code, raised.type) == ("Too bad.", "oops", "server_error")


@pytest.mark.parametrize(
    ("name", "details", "error"),
    [
        ("stream_invalid_json", {}, json.JSONDecodeError),
        ("stream_invalid_utf8", {}, UnicodeDecodeError),
        ("stream_cut_in_character", {"ending": "complete"}, UnicodeDecodeError),
        ("invalid_utf8", {}, UnicodeDecodeError),
    ],
)
def test_an_event_that_cannot_be_read_raises_the_parsers_own_error(name, details, error):
    _, raised, attempts = streamed(name, **details)
    assert (type(raised), attempts) == (error, 1)


def test_a_429_before_a_stream_is_asked_again():
    fake = FakeLLM()
    fake.fail("rate_limit")
    came = sdk_use(fake, chat_stream(), max_retries=1)
    assert ([type(said) for said in came.what], came.attempts) == ([openai.RateLimitError], 2)


def test_a_stream_is_read_no_further_than_its_done():
    fake = saying("hang_in_body")
    fake.reset()
    fake.fail("stream_stall", reply="One", after=100)
    came = sdk_use(fake, chat_stream())
    assert "".join(came.what) == "One"
    assert came.elapsed <= 0.1


async def helped(client: openai.AsyncOpenAI) -> Any:
    """A chat's stream through the SDK's helper, which puts the pieces together."""
    asked = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "tools": TOOLS}
    async with client.chat.completions.stream(**asked) as stream:
        return (await stream.get_final_completion()).choices[0].message


def test_a_tool_delta_without_its_index_breaks_the_helper():
    assert type(sdk_use(saying("stream_without_index", reply=CALL), helped).what) is TypeError
    [call] = sdk_use(FakeLLM().otherwise(CALL), helped).what.tool_calls
    assert (call.function.name, call.function.arguments) == ("look", '{"q": "x"}')


async def helped_response(client: openai.AsyncOpenAI) -> Any:
    async with client.responses.stream(model="m", input="Hi") as stream:
        return (await stream.get_final_response()).output_text


def test_the_helper_reads_a_good_response():
    assert sdk_use(FakeLLM().otherwise(WORDS), helped_response).what == WORDS


@pytest.mark.parametrize(
    ("name", "details"),
    [
        ("stream_failed", {}),
        ("stream_error", {"after": 4}),
        ("stream_cut", {"after": 4, "ending": "complete"}),
        ("stream_without_done", {}),
        ("length", {"text": "One two"}),
    ],
)
def test_a_response_that_is_not_completed_breaks_the_helper(name, details):
    fake = FakeLLM()
    fake.fail(name, **({} if name == "length" else {"reply": WORDS}) | details)
    error = sdk_use(fake, helped_response).what
    assert (type(error), str(error)) == (RuntimeError, "Didn't receive a `response.completed` event.")


def test_a_response_whose_first_event_is_missing_breaks_the_helper():
    error = sdk_use(saying("stream_without_first"), helped_response).what
    assert type(error) is RuntimeError
    assert "response.created" in str(error)


def test_an_error_event_of_the_responses_api_is_yielded_and_not_raised():
    *_, before, last = sdk_use(saying("stream_error", after=2), responses_stream()).what
    assert (before, last) == ("response.in_progress", "error")


async def embedded(client: openai.AsyncOpenAI, **asked: Any) -> Any:
    return (await client.embeddings.create(model="m", input="Hi", **asked)).data[0].embedding


def test_embeddings_without_a_format_are_asked_for_in_base64_and_read_as_floats():
    fake = FakeLLM()
    decoded = sdk_use(fake, embedded).what
    assert fake.journal.exchanges[0].endpoint == "embeddings"
    listed = sdk_use(fake, lambda client: embedded(client, encoding_format="float")).what
    assert decoded == pytest.approx(listed, abs=1e-6)
    assert all(type(number) is float for number in decoded)


def test_embeddings_without_data_are_a_value_error():
    fake = FakeLLM()
    fake.fail("wrong_shape", body='{"object": "list", "data": [], "model": "m"}')
    error = sdk_use(fake, embedded).what
    assert (type(error), str(error)) == (ValueError, "No embedding data received")


def test_an_option_of_the_request_is_no_fault_of_the_stream():
    fake = saying("stream_cut")
    assert sdk_use(fake, chat()).what.choices[0].message.content
    assert [exchange.outcome for exchange in fake.journal.exchanges] == ["reply"]


WORDLESS = [("connection_cut", openai.APIConnectionError), ("invalid_utf8", UnicodeDecodeError), ("empty", list)]
WORDLESS += [
    ("malformed", list),
    ("broken_arguments", list),
    ("stream_cut", list),
    ("rate_limit", openai.RateLimitError),
]


@pytest.mark.parametrize(("name", "kind"), WORDLESS)
def test_where_no_model_speaks_faults_of_words_and_streams_are_passed_by(name, kind):
    fake = FakeLLM()
    fake.fail(name)
    came = sdk_use(fake, embedded)
    assert (type(came.what), fake.journal.exchanges[0].outcome) == (kind, "reply" if kind is list else name)
