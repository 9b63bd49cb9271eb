"""A chat completion's stream on the wire: the bytes that come, cut anywhere, and what is read from them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from chat_asking import asked, completions
from hypothesis import given
from hypothesis import strategies as st
from streams_written import DONE, END, chunk, event, read, stream

from kaizen_eval.errors import (
    AuthenticationFailed,
    BadResponse,
    ContentFiltered,
    ContextTooLong,
    NotFound,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    RequestRejected,
    ServerFailed,
)
from kaizen_eval.fake.wire import sse
from kaizen_eval.fake.wire.chat.stream import ChatStream
from kaizen_eval.llm.streaming.accumulator import Accumulator
from kaizen_eval.llm.streaming.billing import usage_of_part
from kaizen_eval.llm.streaming.decoder import Decoder
from kaizen_eval.llm.streaming.events import EventReader
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest, Message, ToolCall, ToolCallDelta, Usage

USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
LOOK = {"index": 0, "id": "c1", "type": "function", "function": {"name": "look", "arguments": ""}}


def put_together(*parts: bytes) -> ChatReply:
    made = Accumulator()
    for delta in read(*parts):
        made.add(delta)
    return made.reply()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in parts that end at these places, or about there."""
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def received(*parts: bytes) -> tuple[list[str], type[ProviderError], str | None]:
    """The texts that came before the error, its class, and what it says had been received."""
    texts: list[str] = []
    with pytest.raises(ProviderError) as caught:
        texts.extend(texts_of(*parts))
    return texts, type(caught.value), caught.value.received


def texts_of(*parts: bytes) -> Iterator[str]:
    decoder = Decoder()
    for part in parts:
        yield from (delta.text for delta in decoder.feed(part))
    yield from (delta.text for delta in decoder.finish())


def error_of(*parts: bytes) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        read(*parts)
    return caught.value


def test_each_event_that_adds_something_is_a_delta():
    first, usage = chunk(role="assistant", content="", refusal=None), event({"choices": [], "usage": USAGE})
    assert read(first + chunk("Hi") + END + usage + DONE) == [
        ChatDelta(model="m", id="c1"),
        ChatDelta(text="Hi", model="m", id="c1"),
        ChatDelta(finish_reason="stop", model="m", id="c1"),
        ChatDelta(usage=Usage(9, 2, 4)),
    ]


places = st.lists(st.integers(0, 10_000), max_size=30)


@given(completions, st.booleans(), st.sampled_from([b"\n", b"\r\n", b"\r"]), st.booleans(), places)
def test_wherever_a_stream_is_cut_and_however_its_lines_end_the_same_is_always_read(made, usage, end, comments, at):
    inquiry = asked(stream=True, stream_options={"include_usage": usage})
    data = b"".join(piece.data for piece in ChatStream(made, inquiry)) if made.choices else stream("a", "ü")
    other = (b": still there\n\n" + data if comments else data).replace(b"\n", end)
    assert outcome(*cut(other, at)) == outcome(data) == outcome(*cut(other, [*range(len(other))]))


def outcome(*parts: bytes) -> object:
    try:
        return read(*parts)
    except BadResponse as error:
        return str(error)


@given(completions.filter(lambda made: len(made.choices) == 1))
def test_a_streamed_reply_is_always_the_reply(made):
    inquiry = asked(stream=True, stream_options={"include_usage": True})
    data = b"".join(piece.data for piece in ChatStream(made, inquiry))
    reply = made.reply()
    if any(not call.id or not call.name for call in reply.tool_calls):
        return
    came = put_together(data)
    assert (came.text or "", came.refusal or "") == (reply.text or "", reply.refusal or "")
    assert (came.tool_calls, came.finish_reason, came.usage, came.model, came.id) == (
        reply.tool_calls,
        reply.finish_reason,
        reply.usage,
        reply.model,
        reply.id,
    )


lines = st.lists(
    st.sampled_from([b"data: a", b"data:b", b"data", b"data:  c", b": note", b"event: x", b"id: 1", b"nonsense", b""]),
    max_size=12,
)


@given(lines, st.sampled_from([b"\n", b"\r\n", b"\r"]), places)
def test_events_are_always_told_apart_as_the_standard_does(written, end, at):
    body = b"".join(line + end for line in written) + end
    reader = EventReader()
    events = [
        (event.data.decode(), event.name.decode() or None) for part in cut(body, at) for event in reader.feed(part)
    ]
    assert events == [tuple(event) for event in sse.read(body)]
    assert reader.rest() is None


def test_a_byte_order_mark_at_the_beginning_is_no_part_of_the_first_line():
    assert read(b"\xef\xbb\xbf" + stream("Hi"))[0].text == "Hi"


def test_several_data_lines_are_one_event():
    data = json.dumps({"choices": [{"delta": {"content": "Hi"}}]}, indent=1)
    whole = "".join(f"data: {line}\n" for line in data.splitlines()).encode()
    assert read(whole + b"\n" + END)[0].text == "Hi"


def test_a_last_event_without_its_blank_line_counts():
    usage = event({"choices": [], "usage": USAGE})
    assert put_together(chunk("Hi") + END + usage.rstrip(b"\n")).usage == Usage(9, 2, 4)
    assert put_together(chunk("Hi") + END + DONE.rstrip(b"\n")).text == "Hi"


def test_a_stream_without_its_mark_of_the_end_is_whole_if_its_reply_is():
    assert put_together(chunk("Hi") + END) == ChatReply(text="Hi", model="m", id="c1")


def test_nothing_is_read_after_the_mark_of_the_end():
    assert [delta.text for delta in read(stream("Hi") + b"data: nonsense\n\n", b"data: {")] == ["Hi", ""]


def test_comments_and_events_without_data_are_passed_over():
    assert [delta.text for delta in read(b": hello\n\nevent: ping\n\nid: 7\nretry: 5\n\n" + stream("Hi"))] == ["Hi", ""]


def test_of_several_choices_the_first_is_read():
    other = event({"choices": [{"index": 1, "delta": {"content": "Ho"}}]})
    both = event({"choices": [{"index": 1, "delta": {"content": "Ho"}}, {"index": 0, "delta": {"content": "Hi"}}]})
    assert [delta.text for delta in read(other + both + END + DONE)] == ["Hi", ""]


def test_what_stands_in_no_choice_adds_nothing():
    assert read(event({"choices": [], "prompt_filter_results": []}) + stream("Hi"))[0].text == "Hi"


def test_tool_calls_are_put_together_by_their_index():
    parts = [
        chunk(tool_calls=[LOOK]),
        chunk(tool_calls=[{"index": 0, "function": {"arguments": '{"q"'}}]),
        chunk(tool_calls=[{"index": 1, "id": "c2", "function": {"name": "book", "arguments": "{}"}}]),
        chunk(tool_calls=[{"index": 0, "function": {"arguments": ":1}"}}]),
        chunk(finish="tool_calls"),
    ]
    reply = put_together(*parts, DONE)
    assert reply.tool_calls == (ToolCall("c1", "look", '{"q":1}'), ToolCall("c2", "book", "{}"))
    assert (reply.text, reply.finish_reason) == (None, "tool_calls")
    assert read(*parts)[0].tool_calls == (ToolCallDelta(index=0, id="c1", name="look"),)


def test_calls_are_in_the_order_of_their_index_whichever_comes_first():
    later = chunk(tool_calls=[{"index": 1, "id": "c2", "function": {"name": "book"}}])
    assert [call.id for call in put_together(later, chunk(tool_calls=[LOOK]), END).tool_calls] == ["c1", "c2"]


def test_an_id_that_is_repeated_is_the_same_call():
    assert put_together(chunk(tool_calls=[LOOK]), chunk(tool_calls=[LOOK]), END).tool_calls == (
        ToolCall("c1", "look", ""),
    )


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([{"id": "c1", "function": {"name": "look"}}], "a part of a tool call without its index"),
        ([{"index": -1}], "a part of a tool call whose index is no count"),
        ([{"index": True}], "a part of a tool call whose index is no count"),
        (["look"], "text as a part of a tool call, where an object belongs"),
        ([{"index": 0, "function": {"arguments": {}}}], "an object as arguments, where text belongs"),
        ([LOOK, LOOK | {"id": "c2"}], "the parts of two tool calls under one index"),
    ],
)
def test_tool_calls_of_another_shape_are_refused(calls, words):
    assert words in str(error_of(chunk(tool_calls=calls) + END))


@pytest.mark.parametrize("lacking", [{"index": 0, "function": {"name": "look"}}, {"index": 0, "id": "c1"}])
def test_a_call_without_id_or_name_is_refused_when_all_has_come(lacking):
    for end in (END, END + DONE):
        assert "a tool call without an id or a name" in str(error_of(chunk(tool_calls=[lacking]) + end))


def test_characters_whose_halves_come_apart_are_put_together():
    assert [delta.text for delta in read(stream("a\ud83d", "\ude00b"))] == ["a", "😀b", ""]
    halves = [
        chunk(tool_calls=[LOOK]),
        *(chunk(tool_calls=[{"index": 0, "function": {"arguments": half}}]) for half in "\ud83d\ude00"),
    ]
    assert put_together(*halves, END).tool_calls[0].arguments == "😀"


def test_half_a_character_alone_comes_at_the_end():
    assert [delta.text for delta in read(chunk("a\ud83d") + chunk(None, finish="stop") + DONE)] == ["a", "\ud83d"]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b"data: {\n\n", "an event of 1 characters that are not JSON (Expecting property name"),
        (
            b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n',
            "an event of 39 characters that are not JSON ('utf-8' codec can't",
        ),
        (b"data: \n\n", "an event of 0 characters that are not JSON"),
        (event([]), "a list as an event, where an object belongs"),
        (event({"id": "c1"}), "an event without choices"),
        (event({"choices": {}}), "an object as choices, where a list belongs"),
        (event({"choices": ["a"]}), "text as a choice, where an object belongs"),
        (event({"choices": [{"delta": "a"}]}), "text as delta, where an object belongs"),
        (chunk(content=["a"]), "a list as content, where text belongs"),
        (chunk(finish=3), "3 as finish_reason, where text belongs"),
        (event({"choices": [], "usage": {"prompt_tokens": -1}}), "-1 as prompt_tokens, where a count belongs"),
        (event({"choices": [], "model": 3, "usage": {}}), "3 as model, where text belongs"),
        (
            b"data: " + b"[" * 100_000 + b"\n\n",
            "an event of 100000 characters that are not JSON (maximum recursion depth",
        ),
    ],
)
def test_an_event_of_another_shape_ends_the_stream_with_what_had_come(broken, words):
    error = error_of(chunk("Hi") + broken + stream("ho"))
    assert (type(error), error.received) == (BadResponse, "Hi")
    assert f"The stream of the reply holds {words}" in str(error)
    assert str(error).endswith("after 2 characters of it.")


def test_what_comes_before_an_error_in_the_same_part_is_read():
    assert received(chunk("One ") + chunk("two") + b"data: {\n\n") == (["One ", "two"], BadResponse, "One two")


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"", "an empty stream"),
        (b"\n\n", "an empty stream"),
        (b": still there\n\n", "comments alone"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML"),
        (b'{"object": "chat.completion", "choices": []}', "JSON"),
        (b'{"error": {"message": "no such model"}}', "an error (no such model)"),
        (b"[1]", "JSON"),
        (b"upstream connect error", "22 characters that are no events"),
    ],
)
def test_what_is_no_stream_is_told_by_what_it_is(body, came):
    error = error_of(body)
    assert str(error) == f"The provider answered with {came}, not with the stream of a chat completion."
    assert (type(error), error.received, error.body) == (BadResponse, None, body.decode() or None)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (chunk("Hi"), "Hi"),
        (chunk("Hi") + DONE, "Hi"),
        (chunk("Hi") + event({"choices": [], "usage": USAGE}), "Hi"),
        (DONE, None),
        (chunk("Hi") + b'data: {"choices": []', "Hi"),
    ],
)
def test_a_stream_that_ends_before_its_reply_is_a_bad_response(body, text):
    error = error_of(body)
    assert (type(error), error.received) == (BadResponse, text)


def test_a_stream_that_ends_too_early_says_after_how_much():
    assert str(error_of(chunk("Hi"))) == "The stream ended before the reply did, after 2 characters of it."


TOO_LONG = "This model's maximum context length is 8192 tokens."


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "server_error"}, ServerFailed),
        ({"type": "overloaded_error"}, ServerFailed),
        ({"code": 502}, ServerFailed),
        ({"code": "rate_limit_exceeded"}, RateLimited),
        ({"code": 429}, RateLimited),
        ({"code": "insufficient_quota", "type": "insufficient_quota"}, QuotaExceeded),
        ({"code": 429, "type": "insufficient_quota"}, QuotaExceeded),
        ({"code": "context_length_exceeded", "type": "invalid_request_error"}, ContextTooLong),
        ({"message": TOO_LONG}, ContextTooLong),
        ({"code": "content_filter"}, ContentFiltered),
        ({"type": "authentication_error"}, AuthenticationFailed),
        ({"code": "model_not_found", "type": "invalid_request_error"}, NotFound),
        ({"type": "invalid_request_error"}, RequestRejected),
        ({"code": 200}, BadResponse),
        ({"code": "strange"}, BadResponse),
        ({}, BadResponse),
        ("overloaded", BadResponse),
    ],
)
def test_an_error_amid_a_stream_is_the_one_that_it_means(error, kind):
    assert received(chunk("Hi") + event({"error": error}) + stream("ho")) == (["Hi"], kind, "Hi")


def test_an_event_that_is_named_an_error_is_one():
    error = error_of(event({"message": "Too busy", "code": "server_error"}, name="error"))
    assert (type(error), error.body) == (ServerFailed, {"message": "Too busy", "code": "server_error"})
    assert str(error) == "The provider broke the stream off (server_error): Too busy."


@given(
    st.lists(
        st.sampled_from([b"data: ", b"[DONE]", b"{", b"}", b'"choices"', b":[", b"]", b"\n", b"\r", b"\xff", b"<"])
    )
)
def test_whatever_comes_is_always_a_stream_or_one_of_our_errors(parts):
    with suppress(ProviderError):
        assert all(isinstance(delta, ChatDelta) for delta in read(*parts))


def test_the_last_usage_that_is_told_counts():
    early = chunk("Hi", usage={"prompt_tokens": 9, "completion_tokens": 1})
    assert put_together(early + END + event({"choices": [], "usage": USAGE}) + DONE).usage == Usage(9, 2, 4)


@pytest.mark.parametrize(("said", "meant"), [("end_turn", "stop"), ("MAX_TOKENS", "length"), ("odd", "stop")])
def test_why_a_reply_ended_is_told_in_our_words(said, meant):
    assert put_together(chunk("Hi", finish=said)).finish_reason == meant


def test_what_has_come_so_far_can_be_asked_at_any_time():
    made = Accumulator()
    assert (made.has_begun, made.received, made.text, made.tool_calls) == (False, None, "", ())
    for delta in read(chunk("Hi", refusal="No") + chunk(tool_calls=[LOOK]) + END):
        made.add(delta)
    assert (made.has_begun, made.received, made.refusal, made.model) == (True, "Hi", "No", "m")
    assert made.tool_calls == (ToolCall("c1", "look", ""),)


LONG = " ".join(["word"] * 1500)


def test_what_came_of_a_stream_is_billed_with_the_whole_prompt():
    asked = ChatRequest(model="gpt-4o", messages=(Message("user", "hi"),))
    assert usage_of_part(asked, "One two") == Usage(8, 2)
    assert usage_of_part(asked, "One two", refusal="No.") == Usage(8, 4)
    assert usage_of_part(asked, "", [ToolCall("c1", "look", '{"q"')]) == Usage(8, 7)
    assert usage_of_part(replace(asked, model=None), "One two", model="gpt-4o") == Usage(8, 2)


def test_a_prompt_that_was_sent_before_is_cached_in_the_estimate_too():
    said = (Message("user", LONG), Message("assistant", "Yes."), Message("user", "hi"))
    assert usage_of_part(ChatRequest(model="gpt-4o", messages=said), "One") == Usage(1518, 1, 1408)
