"""An exchange as a conversation: whatever API it is of, whole or streamed, and whatever anybody else may send."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.messages import Usage
from kaizen_eval.recording.body import EMPTY, Body
from kaizen_eval.recording.conversation import Conversation, Part, Said, conversation_of
from kaizen_eval.recording.exchange import Exchange, Failure, RecordedRequest, RecordedResponse

NOTHING = Conversation(
    model="", settings=(), tools=(), asked=(), answered=(), finish="", problem="", spent=None, pieces=0
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc") | st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = re.findall(
    r"[a-z_]+",
    "arguments audio call_id categories choices content content_block content_index data delta embedding error file "
    "finish_reason flagged format function id image_url incomplete_details index input instructions item json_schema "
    "message messages model name output output_index partial_json prompt reasoning refusal response results role "
    "source stop_reason summary system text thinking tool_calls tool_use_id tools type url usage prompt_tokens_details",
)
KINDS = re.findall(
    r"[a-z_.]+",
    "message text image_url input_image tool_use tool_result thinking refusal function function_call reasoning error "
    "function_call_output response.output_text.delta response.function_call_arguments.delta response.completed "
    "response.reasoning_summary_text.delta message_start content_block_start content_block_delta "
    "message_delta assistant",
)
PLAUSIBLE = st.recursive(
    JSON | st.sampled_from(KINDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)
"""JSON with the fields that services have, where they may not belong."""


def read(question: object, answer: object = None, *, kind: str = "application/json") -> Conversation:
    body = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
    response = RecordedResponse(200, (("content-type", kind),), Body(body), (len(body),), (1,))
    return conversation_of(exchange(json.dumps(question).encode(), response))


def exchange(body: bytes = b"", response: RecordedResponse | None = None, failure: Failure | None = None) -> Exchange:
    return Exchange(
        slot=1, key="k", request=RecordedRequest("POST", "/x", body=Body(body)), response=response, failure=failure
    )


def stream(*events: object, name: bool = False) -> bytes:
    heads = [f"event: {event['type']}\n" if name and isinstance(event, dict) else "" for event in events]
    return "".join(f"{head}data: {json.dumps(event)}\n\n" for head, event in zip(heads, events, strict=True)).encode()


def said(role: str, *texts: str) -> Said:
    return Said(role, tuple(Part("text", text) for text in texts))


@settings(deadline=None)
@given(PLAUSIBLE, PLAUSIBLE)
def test_whatever_json_is_sent_and_comes_can_be_read(question, answer):
    assert isinstance(read(question, answer), Conversation)


@settings(deadline=None)
@given(st.lists(PLAUSIBLE | st.dictionaries(st.sampled_from(NAMES), PLAUSIBLE, max_size=5), max_size=6))
def test_whatever_a_stream_holds_can_be_read(events):
    assert isinstance(read({}, stream(*events), kind="text/event-stream"), Conversation)


@settings(deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=60), st.sampled_from(["", "text/event-stream", "image/png"]))
def test_whatever_bytes_are_sent_and_come_can_be_read(question, answer, kind):
    response = RecordedResponse(200, (("content-type", kind),) if kind else (), Body(answer))
    assert isinstance(conversation_of(exchange(question, response)), Conversation)


@settings(deadline=None)
@given(st.text(), st.lists(st.integers(0, 60), max_size=4))
def test_a_chat_stream_reads_as_the_same_answer_at_once(text, cuts):
    ends = sorted({min(cut, len(text)) for cut in cuts})
    pieces = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    events = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    whole = {"choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
    streamed = read({}, stream(*events), kind="text/event-stream")
    assert (streamed.answered, streamed.finish) == (read({}, whole).answered, "stop")


def test_a_chat_request_is_its_messages_its_tools_and_its_settings():
    read_ = read(
        {
            "model": "gpt-5",
            "temperature": 0,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "c1", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}],
                },
                {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
            ],
            "tools": [{"type": "function", "function": {"name": "weather"}}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "Answer", "schema": {}}},
        }
    )
    assert (read_.model, read_.tools, read_.settings, read_.asked) == (
        "gpt-5",
        ("weather",),
        (("temperature", "0"), ("response_format", "json_schema Answer")),
        (
            said("system", "Be brief."),
            said("user", "Weather?"),
            Said("assistant", (Part("call", '{"city": "Rome"}', name="weather", id="c1"),)),
            Said("tool", (Part("result", "sunny", id="c1"),)),
        ),
    )


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}, "picture: https://x.test/a.png"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAAAAAA"}}, "picture: image/png, 6 B"),
        ({"type": "input_image", "image_url": "https://x.test/b.png"}, "picture: https://x.test/b.png"),
        ({"type": "input_audio", "input_audio": {"data": "A" * 4000, "format": "wav"}}, "sound: wav, 3.0 kB"),
        (
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
            "file: a.pdf, application/pdf, 3 B",
        ),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "AAAA"}},
            "picture: image/jpeg, 3 B",
        ),
        ({"type": "input_file", "file_id": "file-1"}, "file: file-1"),
    ],
)
def test_an_attachment_is_told_and_its_bytes_are_not(block, told):
    asked = read({"messages": [{"role": "user", "content": [block]}]}).asked
    assert asked == (Said("user", (Part("attached", told),)),)


def test_a_chat_stream_with_calls_is_put_together():
    read_ = read(
        {},
        stream(
            {"model": "m", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]},
            {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "f"}}]}}]},
            {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}}]},
            {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]}}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]},
            {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3}},
        ),
        kind="text/event-stream",
    )
    assert read_ == Conversation(
        model="m",
        settings=(),
        tools=(),
        asked=(Said("sent", (Part("json", "{}"),)),),
        answered=(Said("assistant", (Part("call", '{"a": 1}', name="f", id="c1"),)),),
        finish="tool_calls",
        problem="",
        spent=Usage(9, 3),
        pieces=1,
    )


RESPONSES = [
    {"type": "response.created", "response": {"model": "m", "status": "in_progress", "output": []}},
    {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "summary": []}},
    {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "Hm"},
    {
        "type": "response.output_item.added",
        "output_index": 1,
        "item": {"type": "message", "role": "assistant", "content": []},
    },
    {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "Good "},
    {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "day"},
    {
        "type": "response.output_item.added",
        "output_index": 2,
        "item": {"type": "function_call", "name": "f", "call_id": "c", "arguments": ""},
    },
    {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": "{}"},
]


def test_a_stream_of_the_responses_api_that_was_cut_is_read_as_far_as_it_came():
    read_ = read({"input": "hi", "instructions": "be kind"}, stream(*RESPONSES, name=True), kind="text/event-stream")
    assert (read_.asked, read_.answered, read_.finish) == (
        (said("system", "be kind"), said("user", "hi")),
        (Said("assistant", (Part("thinking", "Hm"), Part("text", "Good day"), Part("call", "{}", name="f", id="c"))),),
        "in_progress",
    )


def test_a_stream_of_the_responses_api_ends_with_all_of_it():
    done = {
        "type": "response.completed",
        "response": {
            "model": "m",
            "status": "completed",
            "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Bye"}]}],
            "usage": {"input_tokens": 4, "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 2}},
        },
    }
    read_ = read({"input": "hi"}, stream(*RESPONSES, done), kind="text/event-stream")
    assert (read_.answered, read_.finish, read_.spent) == (
        (said("assistant", "Bye"),),
        "completed",
        Usage(4, 5, reasoning=2),
    )


def test_items_of_the_responses_api_are_turns():
    asked = read(
        {
            "input": [
                {"role": "user", "content": [{"type": "input_text", "text": "hi"}]},
                {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"},
                {"type": "function_call_output", "call_id": "c", "output": "3"},
            ]
        }
    ).asked
    assert asked == (
        said("user", "hi"),
        Said("assistant", (Part("call", "{}", name="f", id="c"),)),
        Said("tool", (Part("result", "3", id="c"),)),
    )


def test_messages_of_anthropic_are_read():
    read_ = read(
        {
            "model": "claude",
            "system": "Be brief.",
            "max_tokens": 9,
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}]},
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "2"}]}
                    ],
                },
            ],
            "tools": [{"name": "f", "input_schema": {}}],
        },
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "two"}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 3, "cache_read_input_tokens": 10, "output_tokens": 2},
        },
    )
    assert read_ == Conversation(
        model="claude",
        settings=(("max_tokens", "9"),),
        tools=("f",),
        asked=(
            said("system", "Be brief."),
            said("user", "hi"),
            Said("assistant", (Part("call", '{"a": 1}', name="f", id="t"),)),
            Said("user", (Part("result", "2", id="t"),)),
        ),
        answered=(Said("assistant", (Part("thinking", "Hm"), Part("text", "two"))),),
        finish="end_turn",
        problem="",
        spent=Usage(13, 2, cached=10),
        pieces=0,
    )


def test_a_stream_of_anthropic_is_put_together():
    read_ = read(
        {},
        stream(
            {
                "type": "message_start",
                "message": {
                    "model": "claude",
                    "role": "assistant",
                    "content": [],
                    "usage": {"input_tokens": 7, "output_tokens": 1},
                },
            },
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Let me "}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "look."}},
            {
                "type": "content_block_start",
                "index": 1,
                "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {}},
            },
            {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"a":'}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "1}"}},
            {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 12}},
            {"type": "message_stop"},
            name=True,
        ),
        kind="text/event-stream",
    )
    assert (read_.answered, read_.finish, read_.spent) == (
        (Said("assistant", (Part("text", "Let me look."), Part("call", '{"a": 1}', name="f", id="t"))),),
        "tool_use",
        Usage(7, 12),
    )


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"data": [{"embedding": [0.1, 0.2]}]}, "1 vector of 2 numbers"),
        ({"data": [{"embedding": "AACAPwAAAEA="}, {"embedding": "AACAPwAAAEA="}]}, "2 vectors of 2 numbers"),
    ],
)
def test_vectors_are_counted_not_shown(answer, told):
    assert read({"input": ["a"]}, answer).answered == (Said("assistant", (Part("attached", told),)),)


def test_a_verdict_names_its_categories():
    answer = {"results": [{"flagged": True, "categories": {"violence": True, "hate": False}}, {"flagged": False}]}
    assert read({"input": "x"}, answer).answered == (
        said("assistant", "flagged: violence"),
        said("assistant", "not flagged"),
    )


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"error": {"message": "Slow down.", "code": "rate_limit_exceeded"}}, "Slow down. (rate_limit_exceeded)"),
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            "Overloaded (overloaded_error)",
        ),
        ({"error": "model not found"}, "model not found"),
    ],
)
def test_what_the_service_says_went_wrong_is_told(answer, problem):
    read_ = read({"input": "x"}, answer)
    assert (read_.problem, read_.answered) == (problem, ())


def test_an_error_amid_a_stream_is_told_beside_what_came():
    read_ = read(
        {},
        stream({"choices": [{"index": 0, "delta": {"content": "Half"}}]}, {"error": {"message": "broke"}}),
        kind="text/event-stream",
    )
    assert (read_.answered, read_.problem) == ((said("assistant", "Half"),), "broke")


def test_several_answers_keep_apart():
    answer = {"choices": [{"index": index, "message": {"content": text}} for index, text in enumerate("ab")]}
    assert [(one.choice, one.parts[0].text) for one in read({}, answer).answered] == [(0, "a"), (1, "b")]


@pytest.mark.parametrize(
    ("data", "kind", "part"),
    [
        (b'{"ok": [1, 2]}', "application/json", Part("json", '{"ok": [1, 2]}')),
        (b"<html>", "text/html", Part("text", "<html>")),
        (b"\x89PNG" * 500, "image/png", Part("attached", "image/png, 2.0 kB")),
    ],
)
def test_what_is_in_no_known_shape_is_shown_as_it_is(data, kind, part):
    response = RecordedResponse(200, (("content-type", kind),), Body(data))
    assert conversation_of(exchange(b"", response)).answered == (Said("came", (part,)),)


def test_where_nothing_came_nothing_is_said():
    failed = exchange(failure=Failure("ConnectError", "refused"))
    assert (conversation_of(failed), conversation_of(exchange(b"", RecordedResponse(204, body=EMPTY)))) == (
        NOTHING,
        NOTHING,
    )


def test_json_that_is_nested_too_deeply_is_not_followed():
    deep = b'{"messages": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    assert conversation_of(exchange(deep)).asked[0].parts[0].text.startswith('{"messages": [[')
