"""Chat requests that are taken: what the fake knows of them."""

from __future__ import annotations

import pytest
from chat_asking import HELLO, SCHEMA, TOOL, asked

from kaizen_eval.fake.inquiry import Attachment, Inquiry
from kaizen_eval.fake.wire.chat.request import decode_inquiry
from kaizen_eval.messages import ChatRequest, Message, ToolCall

CUSTOM = {"type": "custom", "custom": {"name": "write", "format": {"type": "text"}}}
GREETING = (Message("user", "hello"),)


def test_a_bare_request_leaves_everything_as_it_is_by_default():
    assert decode_inquiry(HELLO) == Inquiry(request=ChatRequest(model="m", messages=GREETING), body=HELLO)


def test_what_is_asked_of_the_reply_is_known():
    inquiry = asked(
        n=3,
        logprobs=True,
        top_logprobs=2,
        stream=True,
        stream_options={"include_usage": True},
        tools=[TOOL, CUSTOM],
        tool_choice="required",
        parallel_tool_calls=False,
        reasoning_effort="low",
        temperature=0,
        top_p=1,
        seed=7,
        stop="END",
        max_completion_tokens=9,
    )
    assert inquiry == Inquiry(
        request=ChatRequest(
            model="m",
            messages=GREETING,
            tools=(TOOL, CUSTOM),
            temperature=0,
            top_p=1,
            seed=7,
            stop=("END",),
            max_tokens=9,
            stream=True,
        ),
        body=inquiry.body,
        choices=3,
        logprobs=2,
        include_usage=True,
        tool_choice="required",
        parallel_tool_calls=False,
        reasoning_effort="low",
    )


@pytest.mark.parametrize(
    ("fields", "alternatives"),
    [
        ({}, None),
        ({"logprobs": False}, None),
        ({"logprobs": True}, 0),
        ({"logprobs": True, "top_logprobs": 0}, 0),
        ({"logprobs": True, "top_logprobs": 5}, 5),
    ],
)
def test_probabilities_may_be_asked_for_without_alternatives(fields, alternatives):
    assert asked(**fields).logprobs == alternatives


def test_who_asks_comes_from_outside_of_the_body():
    inquiry = decode_inquiry(HELLO, headers={"a": "b"}, session_id="s", agent_id="g")
    assert (inquiry.headers, inquiry.request.session_id, inquiry.request.agent_id) == ({"a": "b"}, "s", "g")


@pytest.mark.parametrize(
    ("fields", "choice", "only"),
    [
        ({}, "auto", ()),
        ({"tool_choice": "auto"}, "auto", ()),
        ({"tool_choice": "none"}, "none", ()),
        ({"tool_choice": "required"}, "required", ()),
        ({"tool_choice": {"type": "function", "function": {"name": "look"}}}, "required", ("look",)),
        ({"tool_choice": {"type": "custom", "custom": {"name": "write"}}}, "required", ("write",)),
        (
            {
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {
                        "mode": "auto",
                        "tools": [
                            {"type": "function", "function": {"name": "look"}},
                            {"type": "custom", "custom": {"name": "write"}},
                        ],
                    },
                }
            },
            "auto",
            ("look", "write"),
        ),
    ],
)
def test_a_choice_of_tools_names_those_that_may_be_called(fields, choice, only):
    inquiry = asked(tools=[TOOL, CUSTOM], **fields)
    assert (inquiry.tool_choice, inquiry.only_tools) == (choice, only)


@pytest.mark.parametrize(
    ("function_call", "choice", "only"),
    [(None, "auto", ()), ("auto", "auto", ()), ("none", "none", ()), ({"name": "look"}, "required", ("look",))],
)
def test_functions_of_the_older_kind_are_tools(function_call, choice, only):
    inquiry = asked(functions=[TOOL["function"]], function_call=function_call)
    assert (inquiry.request.tools, inquiry.tool_choice, inquiry.only_tools) == ((TOOL,), choice, only)


def test_parts_are_joined_to_text_and_what_is_no_text_is_kept_apart():
    parts = [
        {"type": "text", "text": "What is "},
        {"type": "image_url", "image_url": {"url": "https://x.test/a.png", "detail": "low"}},
        {"type": "text", "text": "this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "file", "file": {"file_data": "AA==", "filename": "a.pdf"}},
    ]
    inquiry = asked(messages=[{"role": "user", "content": parts}])
    assert (inquiry.request.messages, inquiry.attachments) == (
        (Message("user", "What is this?"),),
        (
            Attachment("image", "https://x.test/a.png", "low"),
            Attachment("image", "data:image/png;base64,AA==", "auto"),
            Attachment("audio", "AA==", "wav"),
            Attachment("file", "file-1", ""),
            Attachment("file", "AA==", "a.pdf"),
        ),
    )


def test_every_role_and_every_kind_of_call_is_read():
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}},
        {"id": "c2", "type": "custom", "custom": {"name": "write", "input": "text"}},
    ]
    messages = [
        {"role": "system", "content": "a"},
        {"role": "developer", "content": [{"type": "text", "text": "b"}]},
        {"role": "user", "content": "c", "name": "ann"},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c2", "content": "d"},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "e"}]},
        {"role": "assistant", "refusal": "no"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "never"}]},
        {"role": "assistant", "function_call": {"name": "look", "arguments": "{}"}},
        {"role": "function", "name": "look", "content": "f"},
        {"role": "user", "content": []},
    ]
    assert asked(messages=messages).request.messages == (
        Message("system", "a"),
        Message("system", "b"),
        Message("user", "c"),
        Message("assistant", "", (ToolCall("c1", "look", "{}"), ToolCall("c2", "write", "text"))),
        Message("tool", "d", (), "c2"),
        Message("tool", "e", (), "c1"),
        Message("assistant", "no"),
        Message("assistant", "never"),
        Message("assistant", "", (ToolCall("", "look", "{}"),)),
        Message("tool", "f"),
        Message("user", ""),
    )


def test_what_litellm_adds_to_a_reply_may_be_sent_back_with_it():
    replied = {"role": "assistant", "content": "yes", "annotations": [], "provider_specific_fields": {"refusal": None}}
    question = {"role": "user", "content": "Sure?"}
    assert asked(messages=[replied, question]).request.messages == (
        Message("assistant", "yes"),
        Message("user", "Sure?"),
    )


@pytest.mark.parametrize(
    ("form", "mode", "schema"),
    [
        ({"type": "text"}, "text", None),
        ({"type": "json_object"}, "json", None),
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}}, "schema", SCHEMA),
        (
            {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "array"}}},
            "schema",
            {"type": "array"},
        ),
    ],
)
def test_the_form_of_the_reply_is_read(form, mode, schema):
    request = asked(messages=[{"role": "system", "content": "In JSON."}], response_format=form).request
    assert (request.output_mode, request.output_schema) == (mode, schema)


def test_every_field_of_the_api_is_taken_at_its_bounds_and_as_null():
    fields = {
        "frequency_penalty": 2,
        "presence_penalty": -2,
        "logit_bias": {"50256": -100},
        "logprobs": True,
        "top_logprobs": 20,
        "max_tokens": 1,
        "metadata": {"k" * 64: "v" * 512},
        "modalities": ["text"],
        "n": 128,
        "prediction": {"type": "content", "content": [{"type": "text", "text": "x"}]},
        "prompt_cache_key": "k" * 64,
        "prompt_cache_options": {"mode": "explicit", "ttl": "30m"},
        "prompt_cache_retention": "24h",
        "safety_identifier": "s" * 128,
        "seed": -(2**63),
        "service_tier": "flex",
        "stop": list("abcd"),
        "store": True,
        "temperature": 2.0,
        "top_p": 0,
        "user": "u",
        "verbosity": "low",
        "web_search_options": {
            "search_context_size": "low",
            "user_location": {"type": "approximate", "approximate": {"country": "IS"}},
        },
        "reasoning_effort": "xhigh",
    }
    assert asked(**fields).choices == 128
    nothing = dict.fromkeys([*fields, "tools", "functions", "tool_choice", "function_call", "audio", "moderation"])
    assert asked(**nothing, response_format=None, stream_options=None).request == decode_inquiry(HELLO).request
