"""Whole chat completions as today's service sends them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chat_asking import TOOL, asked
from openai.types.chat import ChatCompletion

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.wire.chat.body import decode_completion, encode_completion, write_completion
from kaizen_eval.messages import ToolCall, Usage

PLAIN = asked()
CALL = ToolCall("call_1", "look", '{"q": 1}')
CUSTOM = {"type": "custom", "custom": {"name": "look"}}


def completion(*choices: Choice) -> Completion:
    return Completion(mark="0a", choices=choices, model="gpt-4o", usage=Usage(11, 7, 3, 5), fingerprint="fp_1")


def first_choice(choice: Choice, inquiry: Inquiry = PLAIN) -> Any:
    [body] = json.loads(write_completion(completion(choice), inquiry))["choices"]
    return body


def test_a_completion_has_every_field_that_the_service_sends():
    assert encode_completion(completion(Choice(text="Hello")), PLAIN) == {
        "id": "chatcmpl-0a",
        "object": "chat.completion",
        "created": 1_735_689_600,
        "model": "gpt-4o",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello", "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 11,
            "completion_tokens": 7,
            "total_tokens": 18,
            "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 5,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        },
        "service_tier": "default",
        "system_fingerprint": "fp_1",
    }


def test_tool_calls_stand_where_there_are_any():
    choice = Choice(tool_calls=(CALL,), finish_reason="tool_calls")
    assert first_choice(choice, asked(tools=[TOOL])) == {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"q": 1}'}}],
            "refusal": None,
            "annotations": [],
        },
        "logprobs": None,
        "finish_reason": "tool_calls",
    }


def test_a_custom_tool_is_called_with_its_text():
    message = first_choice(Choice(tool_calls=(CALL,)), asked(tools=[CUSTOM]))["message"]
    assert message["tool_calls"] == [
        {"id": "call_1", "type": "custom", "custom": {"name": "look", "input": '{"q": 1}'}}
    ]


def test_a_function_of_the_older_kind_is_called_in_the_older_way():
    choice = first_choice(Choice(tool_calls=(CALL,), finish_reason="tool_calls"), asked(functions=[TOOL["function"]]))
    called = {"name": "look", "arguments": '{"q": 1}'}
    expected = {"role": "assistant", "content": None, "function_call": called, "refusal": None, "annotations": []}
    assert (choice["message"], choice["finish_reason"]) == (expected, "function_call")


def test_a_reply_that_only_claims_to_call_is_written_alike_both_ways():
    said, inquiry = completion(Choice(finish_reason="tool_calls")), asked(functions=[TOOL["function"]])
    assert json.loads(write_completion(said, inquiry)) == encode_completion(said, inquiry)


def test_where_tools_are_offered_too_calls_are_of_the_newer_kind():
    inquiry = asked(functions=[TOOL["function"]], tools=[TOOL])
    choice = first_choice(Choice(tool_calls=(CALL,), finish_reason="tool_calls"), inquiry)
    assert (choice["finish_reason"], choice["message"]["tool_calls"][0]["id"]) == ("tool_calls", "call_1")


@pytest.mark.parametrize(
    "inquiry", [asked(tools=[TOOL]), asked(tools=[CUSTOM]), asked(functions=[TOOL["function"]]), PLAIN]
)
def test_calls_of_every_kind_are_valid_for_the_sdk_and_read_as_they_were(inquiry):
    choice = Choice(tool_calls=(CALL,), finish_reason="tool_calls")
    body = json.loads(write_completion(completion(choice), inquiry))
    parsed = ChatCompletion.model_validate(body, strict=True)
    assert json.loads(parsed.model_dump_json(exclude_unset=True)) == body
    [read] = decode_completion(body).choices
    assert [(call.name, call.arguments) for call in read.tool_calls] == [("look", '{"q": 1}')]


def test_probabilities_are_those_of_the_tokens():
    said = completion(Choice(text="Hi there"), Choice(refusal="no"))
    body = encode_completion(said, asked(logprobs=True, top_logprobs=2))
    told, refused = (choice["logprobs"] for choice in body["choices"])
    assert ("".join(entry["token"] for entry in told["content"]), told["refusal"]) == ("Hi there", None)
    assert (refused["content"], "".join(entry["token"] for entry in refused["refusal"])) == (None, "no")
    assert {len(entry["top_logprobs"]) for entry in told["content"]} == {2}
    assert bytes(byte for entry in told["content"] for byte in entry["bytes"]) == b"Hi there"


@pytest.mark.parametrize(
    ("asked_for", "used"),
    [("auto", "default"), ("default", "default"), ("flex", "flex"), ("priority", "priority"), ("fast", "priority")],
)
def test_the_tier_that_served_is_told(asked_for, used):
    assert encode_completion(completion(), asked(service_tier=asked_for))["service_tier"] == used


def test_text_stands_in_raw_utf8_and_what_utf8_cannot_hold_as_an_escape():
    body = write_completion(completion(Choice(text='ß "😀" \ud83d')), PLAIN)
    assert 'ß \\"😀\\" \\ud83d'.encode() in body
    assert json.loads(body)["choices"][0]["message"]["content"] == 'ß "😀" \ud83d'


def test_a_completion_without_a_model_goes_by_the_one_asked_for():
    said = Completion(mark="0a", choices=())
    assert json.loads(write_completion(said, PLAIN))["model"] == "m"
