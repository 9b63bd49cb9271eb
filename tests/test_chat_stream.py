"""Streams of chat completions: what each chunk holds, when it is due, and what they say together."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from chat_asking import TOOL, asked, completions
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionChunk

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.timing.pace import Pace
from kaizen_eval.fake.wire import sse
from kaizen_eval.fake.wire.chat.reader import chunks_of, decode_stream
from kaizen_eval.fake.wire.chat.stream import ChatStream
from kaizen_eval.messages import ToolCall, Usage

USAGE = {"stream": True, "stream_options": {"include_usage": True}}
STREAM = asked(stream=True)
PADDED = asked(stream=True, stream_options={"include_obfuscation": True})
LIKELY = asked(logprobs=True, top_logprobs=2, **USAGE)
inquiries = st.sampled_from([STREAM, asked(**USAGE), LIKELY, PADDED])
paces = st.builds(Pace, first=st.just(0.5), per_token=st.sampled_from([0, 0.25]))
CALLS = (ToolCall("c1", "look", '{"q":1}'), ToolCall("c2", "look", ""))


def body_of(completion: Completion, inquiry: Inquiry) -> bytes:
    return b"".join(piece.data for piece in ChatStream(completion, inquiry))


def chunks(completion: Completion, inquiry: Inquiry = STREAM) -> list[dict[str, Any]]:
    return [*chunks_of(body_of(completion, inquiry))]


def said(*choices: Choice, per_token: float = 0) -> Completion:
    """With tokens of four bytes."""
    return Completion(mark="0a", choices=choices, model="gpt-4o", pace=Pace(first=9, per_token=per_token))


def deltas(completion: Completion, inquiry: Inquiry = STREAM) -> list[tuple[int, dict[str, Any], str | None]]:
    """The choice, the delta and the finish reason of each chunk that has one."""
    found = [choice for chunk in chunks(completion, inquiry) for choice in chunk["choices"]]
    return [(choice["index"], choice["delta"], choice["finish_reason"]) for choice in found]


def timed(completion: Completion, inquiry: Inquiry = STREAM) -> list[tuple[float, list[str]]]:
    """The pieces: when each is due, and the contents in it."""
    pieces = [(piece.at, sse.read(piece.data)) for piece in ChatStream(completion, inquiry)]
    return [(at, [_content(event.data) for event in events]) for at, events in pieces]


def _content(data: str) -> str:
    if data == sse.DONE:
        return data
    [choice] = json.loads(data)["choices"]
    return choice["finish_reason"] or choice["delta"]["content"]


@given(completions)
def test_a_stream_always_says_what_was_to_be_said(completion):
    assert decode_stream(chunks(completion, asked(**USAGE))) == completion


@given(completions, inquiries)
def test_every_chunk_is_always_valid_for_the_sdk(completion, inquiry):
    for chunk in chunks(completion, inquiry):
        parsed = ChatCompletionChunk.model_validate(chunk, strict=True)
        assert json.loads(parsed.model_dump_json(exclude_unset=True)) == chunk


@given(completions, inquiries)
def test_every_event_is_always_what_json_writes(completion, inquiry):
    events = [piece.data for piece in ChatStream(completion, inquiry).events()]
    written = [json.dumps(chunk, ensure_ascii=False, separators=(",", ":")) for chunk in chunks(completion, inquiry)]
    assert events == [sse.event(text) for text in [*written, sse.DONE]]


@given(completions, inquiries, paces)
def test_pieces_are_always_the_events_that_are_due_at_an_instant(completion, inquiry, pace):
    stream = ChatStream(replace(completion, pace=pace), inquiry)
    assert [*stream] == [*sse.together(stream.events())] == [*stream]
    times = [piece.at for piece in stream]
    assert times == sorted(set(times))


@given(completions, inquiries, paces)
def test_all_chunks_of_a_stream_always_have_one_id_and_only_the_last_tells_usage(completion, inquiry, pace):
    found = chunks(replace(completion, pace=pace), inquiry)
    assert len({(chunk["id"], chunk["created"], chunk["model"], chunk["system_fingerprint"]) for chunk in found}) <= 1
    told = [chunk.get("usage", "absent") for chunk in found]
    if inquiry.include_usage:
        assert told[:-1] == [None] * (len(told) - 1)
        assert (found[-1]["choices"], told[-1]["total_tokens"]) == ([], completion.usage.total)
    else:
        assert set(told) <= {"absent"}


@given(completions, st.sampled_from([0, 2]))
def test_the_probabilities_of_a_stream_are_always_those_of_the_whole(completion, top):
    inquiry = asked(stream=True, logprobs=True, top_logprobs=top)
    for index in range(len(completion.choices)):
        told = [choice for chunk in chunks(completion, inquiry) for choice in chunk["choices"]]
        likely = [choice["logprobs"] for choice in told if choice["index"] == index and choice["logprobs"]]
        tokens = [
            [entry["logprob"] for part in likely for entry in part[name] or ()] for name in ("content", "refusal")
        ]
        assert tokens == [[one.logprob for one in part] for part in completion.logprobs(index, top)]


def test_a_text_comes_token_for_token_after_the_role():
    assert deltas(said(Choice(text="Hello there"))) == [
        (0, {"role": "assistant", "content": "", "refusal": None}, None),
        (0, {"content": "Hell"}, None),
        (0, {"content": "o th"}, None),
        (0, {"content": "ere"}, None),
        (0, {}, "stop"),
    ]


def test_a_refusal_comes_in_its_own_field():
    assert deltas(said(Choice(refusal="No way"))) == [
        (0, {"role": "assistant", "content": None, "refusal": ""}, None),
        (0, {"refusal": "No w"}, None),
        (0, {"refusal": "ay"}, None),
        (0, {}, "stop"),
    ]


def test_a_tool_call_is_named_once_and_every_delta_has_its_index():
    completion = said(Choice(tool_calls=CALLS, finish_reason="tool_calls"))
    assert deltas(completion, asked(stream=True, tools=[TOOL])) == [
        (0, {"role": "assistant", "content": None, "refusal": None}, None),
        (0, {"tool_calls": [_head(0, "c1")]}, None),
        (0, {"tool_calls": [{"index": 0, "function": {"arguments": '{"q"'}}]}, None),
        (0, {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]}, None),
        (0, {"tool_calls": [_head(1, "c2")]}, None),
        (0, {}, "tool_calls"),
    ]


def _head(index: int, call_id: str) -> dict[str, Any]:
    return {"index": index, "id": call_id, "type": "function", "function": {"name": "look", "arguments": ""}}


def test_a_function_of_the_older_kind_is_called_in_the_older_way():
    completion = said(Choice(tool_calls=CALLS[:1], finish_reason="tool_calls"))
    assert deltas(completion, asked(stream=True, functions=[TOOL["function"]]))[1:] == [
        (0, {"function_call": {"name": "look", "arguments": ""}}, None),
        (0, {"function_call": {"arguments": '{"q"'}}, None),
        (0, {"function_call": {"arguments": ":1}"}}, None),
        (0, {}, "function_call"),
    ]


def test_a_custom_tool_is_called_with_its_text():
    completion = said(Choice(tool_calls=(ToolCall("c1", "look", "a b c"),), finish_reason="tool_calls"))
    inquiry = asked(stream=True, tools=[{"type": "custom", "custom": {"name": "look"}}])
    assert [delta for _, delta, _ in deltas(completion, inquiry)][1:-1] == [
        {"tool_calls": [{"index": 0, "id": "c1", "type": "custom", "custom": {"name": "look", "input": ""}}]},
        {"tool_calls": [{"index": 0, "custom": {"input": "a b "}}]},
        {"tool_calls": [{"index": 0, "custom": {"input": "c"}}]},
    ]
    assert decode_stream(chunks(completion, inquiry)).choices == completion.choices


def test_choices_come_side_by_side():
    completion = said(Choice(text="Hello there"), Choice(text="Good day"))
    assert [(index, delta.get("content")) for index, delta, _ in deltas(completion)] == [
        (0, ""),
        (0, "Hell"),
        (1, ""),
        (1, "Good"),
        (0, "o th"),
        (1, " day"),
        (0, "ere"),
        (1, None),
        (0, None),
    ]


def test_a_character_that_falls_into_two_tokens_comes_whole_with_the_second():
    assert timed(said(Choice(text="abc😀!?"), per_token=1)) == [
        (0, [""]),
        (1, ["abc😀!"]),
        (2, ["?"]),
        (3, ["stop", sse.DONE]),
    ]


def test_tokens_come_at_their_pace_and_the_end_when_a_whole_reply_would():
    completion = said(Choice(text="Hello there"), per_token=0.5)
    assert timed(completion) == [(0, ["", "Hell"]), (0.5, ["o th"]), (1.0, ["ere"]), (1.5, ["stop", sse.DONE])]


def test_the_first_token_waits_for_the_thoughts():
    completion = said(Choice(text="Hi", reasoning=4), per_token=0.5)
    assert timed(completion) == [(0, [""]), (2.0, ["Hi"]), (2.5, ["stop", sse.DONE])]


def test_padding_is_sent_where_it_is_asked_for():
    padded = chunks(said(Choice(text="Hello there")), PADDED)
    assert {len(chunk["obfuscation"] + chunk["choices"][0]["delta"]["content"]) for chunk in padded[1:-1]} == {16}
    assert not any("obfuscation" in chunk for chunk in chunks(said(Choice(text="Hello"))))


def test_a_stream_is_in_raw_utf8_and_what_utf8_cannot_hold_an_escape():
    body = body_of(said(Choice(text="ß😀"), Choice(text="\ud83d")), STREAM)
    assert '"ß😀"' in body.decode()
    assert b'"\\ud83d"' in body


def test_a_stream_that_is_not_read_is_not_written():
    stream = iter(ChatStream(said(Choice(text="Hello " * 100_000), per_token=1), STREAM))
    assert len(next(stream).data) < 1000


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([], "a stream without a chunk says nothing"),
        (chunks(said(Choice(text="Hello")))[:-1], "the stream ends before choice 0 does"),
    ],
)
def test_a_stream_that_is_not_whole_says_so(found, message):
    with pytest.raises(ValueError, match=message):
        decode_stream(found)


def test_a_choice_that_has_ended_stays_so_whatever_comes_late():
    *told, last = chunks(said(Choice(text="Hello there", finish_reason="length")))
    [choice] = decode_stream([last, *told]).choices
    assert choice == Choice(text="Hello there", finish_reason="length")


def test_usage_that_no_chunk_tells_is_nothing():
    completion = replace(said(Choice(text="Hello")), usage=Usage(1, 2))
    assert decode_stream(chunks(completion)).usage == Usage()
