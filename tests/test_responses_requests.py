"""Requests to the Responses API: what they become, and what is refused in the words of the real service."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseItemList
from responses_asking import CHOICES, CUSTOM, FORMATS, FUNCTION, HOSTED, INCLUDED, MESSAGES, SCHEMA, bodies

from kaizen_eval.fake.inquiry import Attachment, Inquiry
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.responses.body import encode_response
from kaizen_eval.fake.wire.responses.listing import Page, encode_page, identified
from kaizen_eval.fake.wire.responses.request import decode_inquiry
from kaizen_eval.messages import ChatRequest, Message, ToolCall

SAID = Completion(mark="1", choices=(Choice(text="so"),), model="m")


def asking(**fields):
    return {"model": "m", "input": "hi"} | fields


def refusal(body, **more) -> Rejection:
    with pytest.raises(Rejection) as caught:
        decode_inquiry(body, **more)
    return caught.value


@given(bodies)
def test_a_body_that_is_taken_is_always_kept_as_it_came(body):
    inquiry = decode_inquiry(body | {"model": "m"})
    assert (inquiry.body, inquiry.endpoint, inquiry.operation) == (body | {"model": "m"}, "responses", "")


@given(bodies, st.text("xyz_", min_size=1))
def test_an_unknown_parameter_is_always_refused(body, name):
    refused = refusal(body | {"model": "m", name: None})
    assert (refused.message, refused.param) == (f"Unknown parameter: '{name}'.", name)


Place = tuple[str | int, ...]
FULL = asking(
    input=MESSAGES[2],
    tools=[FUNCTION, CUSTOM, *HOSTED, CUSTOM | {"format": {"type": "grammar", "syntax": "lark", "definition": "a"}}],
    access_programs={"cyber": "standard"},
    include=INCLUDED,
    metadata={"a": "b"},
    prompt_cache_options={"mode": "explicit", "ttl": "12h"},
    reasoning={"effort": "low", "summary": "auto", "context": "auto"},
    text={"format": FORMATS[1], "verbosity": "low"},
    tool_choice=CHOICES[5],
)
ODD = [None, True, 0, -1, 3.5, "", "x", "message", "none", [], {}, [None], ["x"], [{}], {"type": "text"}, "function"]


def places(value: Any, before: Place = ()) -> Iterator[Place]:
    """Of everything within."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, held in inner:
        yield (*before, name)
        yield from places(held, (*before, name))


def changed(body: Any, place: Place, value: Any) -> Any:
    """The same with another value somewhere."""
    body = copy.deepcopy(body)
    outer = body
    for name in place[:-1]:
        outer = outer[name]
    outer[place[-1]] = value
    return body


@settings(max_examples=300)
@given(st.sampled_from([*places(FULL)]), st.sampled_from(ODD))
def test_whatever_stands_anywhere_is_always_refused_or_answered_with_what_the_sdk_takes(place, value):
    body = changed(FULL, place, value)
    try:
        inquiry = decode_inquiry(body)
    except Rejection:
        return
    Response.model_validate_json(json.dumps(encode_response(SAID, inquiry)), strict=True)
    if inquiry.items:
        page = encode_page(identified(inquiry.items, "1"), Page())
        ResponseItemList.model_validate_json(json.dumps(page), strict=True)


def test_a_request_becomes_a_chat_request():
    body = {
        "model": "m",
        "instructions": "Be terse.",
        "input": "hi",
        "temperature": 0.5,
        "top_p": 0.25,
        "max_output_tokens": 20,
        "stream": True,
        "text": {"format": {"type": "json_schema", "name": "a", "schema": SCHEMA}},
        "tools": [FUNCTION, CUSTOM, *HOSTED],
        "tool_choice": {"type": "function", "name": "look_up"},
        "parallel_tool_calls": False,
        "reasoning": {"effort": "high"},
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 3,
    }
    assert decode_inquiry(body, session_id="s", agent_id="a", headers={"x": "y"}) == Inquiry(
        request=ChatRequest(
            model="m",
            messages=(Message("system", "Be terse."), Message("user", "hi")),
            output_schema=SCHEMA,
            output_mode="schema",
            tools=(
                {"type": "function", "function": {"name": "look_up", "parameters": FUNCTION["parameters"]}},
                {"type": "custom", "custom": {"name": "write", "description": "Writes."}},
            ),
            temperature=0.5,
            top_p=0.25,
            max_tokens=20,
            stream=True,
            session_id="s",
            agent_id="a",
        ),
        endpoint="responses",
        body=body,
        headers={"x": "y"},
        logprobs=3,
        include_usage=True,
        tool_choice="required",
        only_tools=("look_up",),
        parallel_tool_calls=False,
        reasoning_effort="high",
        items=({"role": "user", "content": "hi"},),
    )


def test_items_become_messages_and_a_turn_of_the_model_one():
    inquiry = decode_inquiry(asking(input=MESSAGES[2]))
    calls = (ToolCall("c1", "look_up", "{}"), ToolCall("c2", "write", "x"))
    assert inquiry.request.messages == (
        Message("system", "be brief"),
        Message("user", "what"),
        Message("assistant", "this", calls),
        Message("tool", "4", tool_call_id="c1"),
        Message("tool", "done", tool_call_id="c2"),
    )
    assert inquiry.attachments == (
        Attachment("image", "https://a.invalid/b.png", "auto"),
        Attachment("file", "file-1", "a.pdf"),
    )


def test_the_least_request_leaves_everything_to_the_model():
    items = ({"role": "user", "content": "hi"},)
    request = ChatRequest(model="m", messages=(Message("user", "hi"),))
    assert decode_inquiry(asking()) == Inquiry(
        request=request, endpoint="responses", body=asking(), include_usage=True, items=items
    )


def test_what_the_model_refused_was_said():
    refused = {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    assert decode_inquiry(asking(input=[refused])).request.messages == (Message("assistant", "No."),)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, ("auto", ())),
        ("none", ("none", ())),
        ("required", ("required", ())),
        ({"type": "custom", "name": "write"}, ("required", ("write",))),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look_up"}]},
            ("auto", ("look_up",)),
        ),
        (
            {"type": "allowed_tools", "mode": "required", "tools": [{"type": "custom", "name": "write"}]},
            ("required", ("write",)),
        ),
    ],
)
def test_a_choice_of_tools_says_which_and_whether(choice, expected):
    inquiry = decode_inquiry(asking(tools=[FUNCTION, CUSTOM], tool_choice=choice))
    assert (inquiry.tool_choice, inquiry.only_tools) == expected


def test_probabilities_are_asked_for_by_what_is_included():
    included = ["message.output_text.logprobs"]
    asked = [asking(top_logprobs=3), asking(include=included), asking(include=included, top_logprobs=3)]
    assert [decode_inquiry(body).logprobs for body in asked] == [None, 0, 3]


ITEM = {"role": "user", "content": "hi"}
CALL = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
LOOSE = {"type": "object", "properties": {"a": {"type": "string"}}}
REFUSED = [
    ({"input": "hi"}, "Missing required parameter: 'model'.", "model", "missing_required_parameter"),
    (
        {"model": "m"},
        "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be provided.",
        "input",
        "missing_required_parameter",
    ),
    (asking(n=2), "Unknown parameter: 'n'.", "n", "unknown_parameter"),
    (
        asking(max_tokens=20),
        (
            "Unsupported parameter: 'max_tokens'. In the Responses API, this parameter has moved to "
            "'max_output_tokens'. Try again with the new parameter. See the API documentation for more information: "
            "https://platform.openai.com/docs/api-reference/responses/create."
        ),
        "max_tokens",
        "unsupported_parameter",
    ),
    (
        asking(input=3),
        "Invalid type for 'input': expected one of a string or array of objects, but got an integer instead.",
        "input",
        "invalid_type",
    ),
    (
        asking(temperature="hot"),
        "Invalid type for 'temperature': expected a decimal, but got a string instead.",
        "temperature",
        "invalid_type",
    ),
    (
        asking(temperature=2.5),
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
        "temperature",
        "decimal_above_max_value",
    ),
    (
        asking(max_output_tokens=15),
        "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 15 instead.",
        "max_output_tokens",
        "integer_below_min_value",
    ),
    (
        asking(top_logprobs=True),
        "Invalid type for 'top_logprobs': expected an integer, but got a boolean instead.",
        "top_logprobs",
        "invalid_type",
    ),
    (
        asking(stream=1),
        "Invalid type for 'stream': expected a boolean, but got an integer instead.",
        "stream",
        "invalid_type",
    ),
    (
        asking(stream_options={"include_obfuscation": True}),
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        "stream_options",
        None,
    ),
    (
        asking(background=True, store=False),
        "The 'background' parameter is only allowed when 'store' is enabled.",
        "background",
        None,
    ),
    (
        asking(truncation="some"),
        "Invalid value: 'some'. Supported values are: 'auto' and 'disabled'.",
        "truncation",
        "invalid_value",
    ),
    (
        asking(reasoning={"effort": "huge"}),
        "Invalid value: 'huge'. Supported values are: 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'.",
        "reasoning.effort",
        "invalid_value",
    ),
    (
        asking(metadata={"a": 1}),
        "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
        "metadata.a",
        "invalid_type",
    ),
    (
        asking(metadata={str(number): "" for number in range(17)}),
        (
            "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object "
            "with 17 properties instead."
        ),
        "metadata",
        "object_above_max_properties",
    ),
    (
        asking(safety_identifier="x" * 129),
        (
            "Invalid 'safety_identifier': string too long. Expected a string with maximum length 128, but got a string "
            "with length 129 instead."
        ),
        "safety_identifier",
        "string_above_max_length",
    ),
    (
        asking(text={"format": {"type": "json_schema", "schema": SCHEMA}}),
        "Missing required parameter: 'text.format.name'.",
        "text.format.name",
        "missing_required_parameter",
    ),
    (
        asking(text={"format": {"type": "json_schema", "name": "a", "schema": LOOSE, "strict": True}}),
        (
            "Invalid schema for response_format 'a': In context=(), 'additionalProperties' is required to be supplied "
            "and to be false."
        ),
        "text.format.schema",
        "invalid_json_schema",
    ),
    (
        asking(text={"format": {"type": "json_object"}}, instructions="Answer in JSON."),
        "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
        "input",
        None,
    ),
    (
        asking(tools=[{"type": "function", "function": {"name": "f"}}]),
        "Missing required parameter: 'tools[0].name'.",
        "tools[0].name",
        "missing_required_parameter",
    ),
    (
        asking(tools=[{"type": "function", "name": "a b"}]),
        (
            "Invalid 'tools[0].name': string does not match pattern. Expected a string that matches the pattern "
            "'^[a-zA-Z0-9_-]+$'."
        ),
        "tools[0].name",
        "invalid_value",
    ),
    (
        asking(tools=[{"type": "function", "name": "f", "parameters": LOOSE, "strict": True}]),
        (
            "Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be supplied and to "
            "be false."
        ),
        "tools[0].parameters",
        "invalid_function_parameters",
    ),
    (
        asking(tool_choice="required"),
        "Tool choice 'required' must be specified with 'tools' parameter.",
        "tool_choice",
        None,
    ),
    (
        asking(tools=[FUNCTION], tool_choice={"type": "function", "name": "other"}),
        "Tool choice 'other' not found in 'tools' parameter.",
        "tool_choice",
        None,
    ),
    (
        asking(input=[{"role": "robot", "content": "hi"}]),
        "Invalid value: 'robot'. Supported values are: 'user', 'assistant', 'system', and 'developer'.",
        "input[0].role",
        "invalid_value",
    ),
    (
        asking(input=[ITEM, {"role": "user"}]),
        "Missing required parameter: 'input[1].content'.",
        "input[1].content",
        "missing_required_parameter",
    ),
    (
        asking(input=[{"role": "assistant", "content": [{"type": "input_text", "text": "hi"}]}]),
        "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
        "input[0].content[0].type",
        "invalid_value",
    ),
    (
        asking(input=[ITEM | {"parsed": None}]),
        "Unknown parameter: 'input[0].parsed'.",
        "input[0].parsed",
        "unknown_parameter",
    ),
    (
        asking(input=["hi"]),
        "Invalid type for 'input[0]': expected an object, but got a string instead.",
        "input[0]",
        "invalid_type",
    ),
    (
        asking(input=[{"type": "song"}]),
        (
            "Invalid value: 'song'. Supported values are: 'message', 'function_call', 'function_call_output', "
            "'custom_tool_call', 'custom_tool_call_output', 'reasoning', and 'item_reference'."
        ),
        "input[0].type",
        "invalid_value",
    ),
    (
        asking(input=[CALL | {"id": "call_1"}]),
        "Invalid 'input[0].id': 'call_1'. Expected an ID that begins with 'fc'.",
        "input[0].id",
        "invalid_value",
    ),
    (asking(input=[ITEM, CALL]), "No tool output found for function call c.", "input", None),
    (
        asking(input=[{"type": "function_call_output", "call_id": "c", "output": ""}]),
        "No tool call found for function call output with call_id c.",
        "input",
        None,
    ),
    (
        asking(previous_response_id="resp_1"),
        "Previous response with id 'resp_1' not found.",
        "previous_response_id",
        "previous_response_not_found",
    ),
    (
        asking(include=["everything"]),
        (
            "Invalid value: 'everything'. Supported values are: 'file_search_call.results', 'web_search_call.results', "
            "'web_search_call.action.sources', 'message.input_image.image_url', "
            "'computer_call_output.output.image_url', 'code_interpreter_call.outputs', 'reasoning.encrypted_content', "
            "and 'message.output_text.logprobs'."
        ),
        "include[0]",
        "invalid_value",
    ),
]


@pytest.mark.parametrize(("body", "message", "param", "code"), REFUSED)
def test_what_the_real_service_refuses_is_refused_in_its_words(body, message, param, code):
    refused = refusal(body)
    assert (refused.message, refused.param, refused.code, refused.status) == (message, param, code, 400)
    assert not refused.is_unspoken


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": 0, "top_p": 0, "top_logprobs": 0, "max_output_tokens": 16, "max_tool_calls": 1},
        {"temperature": 2, "top_p": 1, "top_logprobs": 20, "safety_identifier": "x" * 128},
        {"metadata": {f"{number:064}": "x" * 512 for number in range(16)}},
        {"tools": [FUNCTION | {"name": "f" * 64}]},
    ],
)
def test_a_bound_itself_is_taken(fields):
    assert decode_inquiry(asking(**fields)).body == asking(**fields)


@pytest.mark.parametrize(
    "body",
    [
        asking(conversation="conv_1"),
        asking(prompt={"id": "pmpt_1"}),
        asking(moderation={"model": "omni-moderation-latest"}),
        asking(context_management=[{"type": "compaction"}]),
        asking(background_options={"completion_window": "2h"}),
        asking(image={"context_compression": "auto"}),
        asking(tools=[{"type": "mcp", "server_label": "a", "server_url": "https://a.invalid"}]),
        asking(tools=[{"type": "image_generation"}]),
        asking(tools=HOSTED, tool_choice={"type": "file_search"}),
        asking(input=[{"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {}}]),
    ],
)
def test_what_the_fake_does_not_speak_is_never_passed_over(body):
    assert refusal(body).is_unspoken


def test_fields_that_are_null_are_as_if_they_were_not_there():
    nulls = dict.fromkeys(
        (
            "conversation",
            "instructions",
            "max_output_tokens",
            "metadata",
            "prompt",
            "reasoning",
            "text",
            "tools",
            "user",
        )
    )
    assert decode_inquiry(asking(**nulls)).request == decode_inquiry(asking()).request


def test_tokens_can_be_counted_without_a_model_and_not_with_a_setting_of_the_reply():
    counted = decode_inquiry({"input": "hi"}, operation="input_tokens", model="usual")
    assert (counted.operation, counted.request.model) == ("input_tokens", "usual")
    assert refusal(asking(store=True), operation="input_tokens").message == "Unknown parameter: 'store'."


class Remembering:
    """What a service keeps: one conversation, with the id of one of its items."""

    def conversation(self, response_id):
        return (ITEM, CALL) if response_id == "resp_1" else None

    def item(self, item_id):
        return {"id": item_id, **ITEM} if item_id == "msg_1" else None


def test_what_was_said_before_comes_before_and_its_instructions_do_not():
    output = {"type": "function_call_output", "call_id": "c", "output": "4"}
    body = asking(input=[output], previous_response_id="resp_1", instructions="Be terse.")
    assert decode_inquiry(body, kept=Remembering()).request.messages == (
        Message("system", "Be terse."),
        Message("user", "hi"),
        Message("assistant", "", (ToolCall("c", "f", "{}"),)),
        Message("tool", "4", tool_call_id="c"),
    )


def test_a_call_of_an_earlier_response_wants_its_output_too():
    refused = refusal(asking(previous_response_id="resp_1"), kept=Remembering())
    assert refused.message == "No tool output found for function call c."


@pytest.mark.parametrize("reference", [{"id": "msg_1"}, {"type": "item_reference", "id": "msg_1"}])
def test_a_reference_is_what_it_refers_to(reference):
    inquiry = decode_inquiry(asking(input=[reference]), kept=Remembering())
    assert inquiry.request.messages == (Message("user", "hi"),)


def test_a_reference_to_nothing_is_refused():
    refused = refusal(asking(input=[{"type": "item_reference", "id": "msg_2"}]), kept=Remembering())
    assert (refused.status, refused.message) == (
        404,
        (
            "Item with id 'msg_2' not found. Items are not persisted when `store` is set to false. Try again with "
            "`store` set to true, or remove this item from your input."
        ),
    )
