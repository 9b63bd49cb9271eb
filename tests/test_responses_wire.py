"""The codec of the Responses API: bodies and streams that the SDK's own models take, and that can be read back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from responses_asking import bodies, completions, inquiries, paced

from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.timing.pace import Pace
from kaizen_eval.fake.wire.responses.body import begun, cancelled, decode_response, encode_response
from kaizen_eval.fake.wire.responses.reader import decode_stream, events_of
from kaizen_eval.fake.wire.responses.request import decode_inquiry
from kaizen_eval.fake.wire.responses.stream import encode_stream
from kaizen_eval.messages import ToolCall, Usage

EVENTS = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(get_args(ResponseStreamEvent)[0])
}
"""The SDK's model of each event, by its type."""
ASKED = decode_inquiry({"model": "m", "input": "hi"})


def over_the_wire(body: object) -> Any:
    return json.loads(json.dumps(body))


def as_the_sdk_has_it(model: Any, body: Any) -> Any:
    """What is left of it once the SDK's model has taken it, strictly."""
    taken = model.model_validate_json(json.dumps(body), strict=True)
    return json.loads(taken.model_dump_json(exclude_unset=True, by_alias=True))


def stream_of(completion: Completion, inquiry: Any = ASKED, **which: int) -> bytes:
    return b"".join(piece.data for piece in encode_stream(completion, inquiry, **which))


@given(completions(), inquiries)
def test_what_is_said_always_reads_back_from_a_body(completion, inquiry):
    assert decode_response(over_the_wire(encode_response(completion, inquiry))) == completion


@given(completions(), inquiries)
def test_what_is_said_always_reads_back_from_the_deltas_of_a_stream(completion, inquiry):
    assert decode_stream(stream_of(completion, inquiry)) == completion


@given(completions(), inquiries)
def test_a_response_is_always_valid_for_the_sdk(completion, inquiry):
    for body in (
        encode_response(completion, inquiry),
        begun(completion, inquiry, "queued"),
        cancelled(completion, inquiry),
    ):
        assert as_the_sdk_has_it(Response, body) == over_the_wire(body)


@given(completions(), inquiries)
def test_every_event_is_always_valid_for_the_sdk(completion, inquiry):
    for event in events_of(stream_of(completion, inquiry)):
        assert as_the_sdk_has_it(EVENTS[event["type"]], event) == event


@given(completions(), inquiries)
def test_the_last_event_of_a_stream_is_always_the_body_of_the_response(completion, inquiry):
    *_, last = events_of(stream_of(completion, inquiry))
    body = over_the_wire(encode_response(completion, inquiry))
    assert (last["type"], last["response"]) == (f"response.{body['status']}", body)


@given(completions(), inquiries)
def test_events_are_always_counted_from_0(completion, inquiry):
    numbers = [event["sequence_number"] for event in events_of(stream_of(completion, inquiry))]
    assert numbers == [*range(len(numbers))]


PART = "part_added (text_delta )*text_done part_done |part_added (refusal_delta )*refusal_done part_done "
ITEMS = f"added (({PART})*|(arguments_delta )*arguments_done |(input_delta )*input_done )done "
GRAMMAR = re.compile(f"created (queued )?in_progress ({ITEMS})*(completed|incomplete) ")
ECHOED = (
    *("background", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls"),
    *("prompt_cache_key", "prompt_cache_retention", "safety_identifier", "store", "temperature", "tool_choice"),
    *("top_logprobs", "top_p", "truncation", "user"),
)
SHORT = {
    "response.content_part.added": "part_added",
    "response.content_part.done": "part_done",
    "response.output_text.delta": "text_delta",
    "response.output_text.done": "text_done",
    "response.refusal.delta": "refusal_delta",
    "response.refusal.done": "refusal_done",
    "response.function_call_arguments.delta": "arguments_delta",
    "response.function_call_arguments.done": "arguments_done",
    "response.custom_tool_call_input.delta": "input_delta",
    "response.custom_tool_call_input.done": "input_done",
}


@given(completions(), inquiries)
def test_events_always_come_in_the_order_of_the_real_service(completion, inquiry):
    kinds = [event["type"] for event in events_of(stream_of(completion, inquiry))]
    assert GRAMMAR.fullmatch("".join(f"{SHORT.get(kind, kind.rpartition('.')[2])} " for kind in kinds))


@given(completions(), inquiries)
def test_each_done_event_always_says_what_its_deltas_said(completion, inquiry):
    said: dict[tuple[object, ...], str] = {}
    for event in events_of(stream_of(completion, inquiry)):
        kind, _, end = event["type"].rpartition(".")
        place = (kind, event.get("item_id"), event.get("content_index"))
        if end == "delta":
            said[place] = said.get(place, "") + event["delta"]
        elif end == "done" and (field := {"text", "refusal", "arguments", "input"} & event.keys()):
            assert event[field.pop()] == said.get(place, "")


@given(completions(), inquiries)
def test_an_item_is_always_empty_and_in_progress_when_it_is_added(completion, inquiry):
    events = [*events_of(stream_of(completion, inquiry))]
    items = [event["item"] for event in events if event["type"] == "response.output_item.added"]
    for item in items:
        if item["type"] != "reasoning":
            said = item.get("content", item.get("arguments", item.get("input")))
            assert (item["status"], len(said)) == ("in_progress", 0)


@given(completions(), bodies)
def test_what_was_asked_for_is_always_told(completion, body):
    asked = {**body, "model": "m"}
    told = encode_response(completion, decode_inquiry(asked))
    settings = {name: value for name, value in asked.items() if name in ECHOED and value is not None}
    assert {name: told[name] for name in settings} == settings


@given(completions(), inquiries, st.integers(-1, 30))
def test_a_stream_can_always_be_had_from_any_number_on(completion, inquiry, after):
    events = [event for event in events_of(stream_of(completion, inquiry)) if event["sequence_number"] > after]
    rest = stream_of(completion, inquiry, after=after)
    assert [*events_of(rest)] == events if rest else events == []


@given(paced, inquiries)
def test_a_delta_always_comes_when_its_last_token_is_due(completion, inquiry):
    came = [
        (piece.at, event["delta"])
        for piece in encode_stream(completion, inquiry)
        for event in events_of(piece.data)
        if event["type"].endswith("text.delta")
    ]
    text, passed = completion.spoken[0].text, 0
    for at, delta in came:
        passed += len(delta.encode())
        tokens = next(count for count in range(len(text.tokens) + 1) if len(b"".join(text.tokens[:count])) == passed)
        assert at == completion.due(text.start + tokens - 1)


@given(paced, inquiries)
def test_what_is_due_at_one_instant_is_always_one_piece(completion, inquiry):
    times = [piece.at for piece in encode_stream(completion, inquiry)]
    assert times == sorted(set(times))


@given(paced, inquiries)
def test_a_pace_never_changes_what_is_said(completion, inquiry):
    at_once = replace(completion, pace=Pace())
    *slow, _ = events_of(stream_of(completion, inquiry))
    *fast, _ = events_of(stream_of(at_once, inquiry))
    assert slow == fast


def test_a_stream_without_waits_is_one_piece():
    said = Completion(mark="1", choices=(Choice(text="hello there"),), model="m")
    assert [piece.at for piece in encode_stream(said, ASKED)] == [0.0]


def test_a_stream_waits_for_thoughts_and_for_each_token():
    choice = Choice(text="12345678", tool_calls=(ToolCall("c", "name", "{}"),), reasoning=2, finish_reason="tool_calls")
    said = Completion(mark="1", choices=(choice,), model="m", pace=Pace(first=9.0, per_token=1.0))
    pieces = [(piece.at, [event["type"] for event in events_of(piece.data)]) for piece in encode_stream(said, ASKED)]
    assert pieces == [
        (0.0, ["response.created", "response.in_progress", "response.output_item.added"]),
        (
            2.0,
            [
                "response.output_item.done",
                "response.output_item.added",
                "response.content_part.added",
                "response.output_text.delta",
            ],
        ),
        (
            3.0,
            [
                "response.output_text.delta",
                "response.output_text.done",
                "response.content_part.done",
                "response.output_item.done",
            ],
        ),
        (
            float(said.spoken[0].arguments[0].start),
            [
                "response.output_item.added",
                "response.function_call_arguments.delta",
                "response.function_call_arguments.done",
                "response.output_item.done",
                "response.completed",
            ],
        ),
    ]


def test_the_body_of_a_response():
    asked = decode_inquiry({"model": "m", "input": "hi", "metadata": {"a": "b"}})
    choice = Choice(text="hello", reasoning=64)
    usage = Usage(prompt=3, completion=65, cached=1, reasoning=64)
    said = Completion(mark="ab", choices=(choice,), model="m", usage=usage, created=5, pace=Pace(first=2.0))
    assert encode_response(said, asked) == {
        "id": "resp_ab",
        "object": "response",
        "created_at": 5,
        "status": "completed",
        "background": False,
        "completed_at": 7,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "metadata": {"a": "b"},
        "model": "m",
        "output": [
            {"id": "rs_ab", "type": "reasoning", "summary": []},
            {
                "id": "msg_ab",
                "type": "message",
                "status": "completed",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "hello", "annotations": [], "logprobs": []}],
            },
        ],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "prompt_cache_retention": None,
        "reasoning": {"effort": None, "summary": None},
        "safety_identifier": None,
        "service_tier": "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": 3,
            "input_tokens_details": {"cached_tokens": 1, "cache_write_tokens": 0},
            "output_tokens": 65,
            "output_tokens_details": {"reasoning_tokens": 64},
            "total_tokens": 68,
        },
        "user": None,
    }


@pytest.mark.parametrize(
    ("finish_reason", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
def test_what_was_cut_is_incomplete_and_says_why(finish_reason, reason):
    said = Completion(mark="1", choices=(Choice(text="hel", finish_reason=finish_reason),), model="m")
    body = encode_response(said, ASKED)
    assert (body["status"], body["incomplete_details"], body["completed_at"]) == (
        "incomplete",
        {"reason": reason},
        None,
    )
    assert [item["status"] for item in body["output"]] == ["incomplete"]


def test_of_several_items_the_last_one_was_cut():
    calls = (ToolCall("a", "f", "{}"), ToolCall("b", "f", '{"x'))
    said = Completion(mark="1", choices=(Choice(text="so", tool_calls=calls, finish_reason="length"),), model="m")
    statuses = [item["status"] for item in encode_response(said, ASKED)["output"]]
    assert statuses == ["completed", "completed", "incomplete"]


def test_probabilities_come_whole_in_a_body_and_token_by_token_in_a_stream():
    body = {"model": "m", "input": "hi", "include": ["message.output_text.logprobs"], "top_logprobs": 2}
    asked = decode_inquiry(body)
    said = Completion(mark="1", choices=(Choice(text="12345678"),), model="m")
    whole = over_the_wire(encode_response(said, asked))["output"][0]["content"][0]["logprobs"]
    streamed = [
        event["logprobs"]
        for event in events_of(stream_of(said, asked))
        if event["type"] == "response.output_text.delta"
    ]
    assert [token["token"] for token in whole] == ["1234", "5678"]
    assert [len(token["top_logprobs"]) for token in whole] == [2, 2]
    assert streamed == [[token] for token in whole]


def test_deltas_are_padded_where_a_client_asks_for_it():
    body = {"model": "m", "input": "hi", "stream": True, "stream_options": {"include_obfuscation": True}}
    said = Completion(mark="1", choices=(Choice(text="1234567"),), model="m")
    events = [*events_of(stream_of(said, decode_inquiry(body)))]
    padded = [len(event["delta"] + event["obfuscation"]) for event in events if event["type"].endswith(".delta")]
    assert padded == [16, 16]


def test_an_event_that_says_two_types_is_none():
    with pytest.raises(ValueError, match=r"holds one of type 'b'"):
        [*events_of(b'event: a\ndata: {"type": "b"}\n\n')]
