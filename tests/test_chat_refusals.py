"""Chat requests that the real service refuses: with the same words, place and code."""

from __future__ import annotations

from typing import Any

import pytest
from chat_asking import HELLO, SCHEMA, TOOL

from kaizen_eval.fake.wire.chat.request import decode_inquiry
from kaizen_eval.fake.wire.errors import Rejection

FUNCTION = TOOL["function"]
USER = HELLO["messages"][0]
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
CALLS = {"role": "assistant", "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "c1", "content": "seen"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}
WRONG = {"wrong": "type"}


def refused(body: object) -> tuple[str, str | None, str | None]:
    """How it is refused: message, param, code."""
    with pytest.raises(Rejection) as caught:
        decode_inquiry(body)
    assert (caught.value.status, caught.value.kind) == (400, "invalid_request_error")
    return caught.value.message, caught.value.param, caught.value.code


def schema_format(schema: object, **fields: Any) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema} | fields}}


def strict(schema: object) -> dict[str, Any]:
    return schema_format(schema, strict=True)


def said(*messages: object) -> dict[str, Any]:
    return {"messages": list(messages)}


def function(**fields: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "look"} | fields}]}


def type_error(path: str, expected: str, came: str) -> tuple[str, str, str]:
    return f"Invalid type for '{path}': expected {expected}, but got {came} instead.", path, "invalid_type"


def value_error(path: str, value: str, supported: str) -> tuple[str, str, str]:
    return f"Invalid value: '{value}'. Supported values are: {supported}.", path, "invalid_value"


def missing(path: str) -> tuple[str, str, str]:
    return f"Missing required parameter: '{path}'.", path, "missing_required_parameter"


def unknown(path: str) -> tuple[str, str, str]:
    return f"Unknown parameter: '{path}'.", path, "unknown_parameter"


def bound(path: str, rule: str, limit: float, came: float) -> tuple[str, str, str]:
    """Broken by what came: such as "decimal <="."""
    kind, sign = rule.split()
    far, code = ("above maximum", "above_max_value") if sign == "<=" else ("below minimum", "below_min_value")
    message = f"Invalid '{path}': {kind} {far} value. Expected a value {sign} {limit}, but got {came} instead."
    return message, path, f"{kind}_{code}"


def too_long(path: str, what: str, most: int, came: int) -> tuple[str, str, str]:
    article = "an" if what == "array" else "a"
    message = (
        f"Invalid '{path}': {what} too long. Expected {article} {what} with maximum length {most}, but got {article} "
        f"{what} with length {came} instead."
    )
    return message, path, f"{what}_above_max_length"


def empty(path: str) -> tuple[str, str, str]:
    message = f"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    return message, path, "empty_array"


def bad_schema(what: str) -> tuple[str, str, None]:
    return f"Invalid schema for response_format 'x': {what}", "response_format", None


def bad_parameters(what: str) -> tuple[str, str, str]:
    message = f"Invalid schema for function 'look': {what}"
    return message, "tools[0].function.parameters", "invalid_function_parameters"


def only_with(name: str, needed: str) -> tuple[str, str, None]:
    return f"Invalid value for '{name}': '{name}' is only allowed when '{needed}' are specified.", name, None


def no_content(place: int) -> tuple[str, str, None]:
    return "Invalid value for 'content': expected a string, got null.", f"messages.[{place}].content", None


UNNAMED = (
    "Invalid value for 'function_call': no function named 'other' was specified in the 'functions' parameter.",
    "function_call",
    None,
)
NOT_ANSWERED = (
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The "
    "following tool_call_ids did not have response messages: "
)
MANY_PROPERTIES = (
    (
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object "
        "with 17 properties instead."
    ),
    "metadata",
    "object_above_max_properties",
)
LONG_PROPERTY = (
    (
        "Invalid property name in 'metadata': 'kkk...kkk' is too long. Expected a string with maximum length 64, but "
        "got a string with length 70 instead."
    ),
    f"metadata.{'k' * 70}",
    "property_name_above_max_length",
)
ROLES = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'"
PARTS = "'text', 'image_url', 'input_audio', 'refusal', 'audio', and 'file'"
TEXT_OR_OBJECTS = "one of a string or array of objects"
REQUIRED = "'required' is required to be supplied and to be an array including every key in properties."
PATTERN = "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # unknown
        ({"foo": 1}, unknown("foo")),
        ({"stream": True, "stream_options": {"bogus": 1}}, unknown("stream_options.bogus")),
        ({"messages": [USER | {"foo": 1}]}, unknown("messages[0].foo")),
        ({"messages": [USER | {"tool_calls": [CALL]}]}, unknown("messages[0].tool_calls")),
        (function(foo=1), unknown("tools[0].function.foo")),
        ({"prompt_cache_options": {"bogus": 1}}, unknown("prompt_cache_options.bogus")),
        # types
        ({"temperature": "hot"}, type_error("temperature", "a decimal", "a string")),
        ({"temperature": True}, type_error("temperature", "a decimal", "a boolean")),
        ({"n": "2"}, type_error("n", "an integer", "a string")),
        ({"seed": 1.5}, type_error("seed", "an integer", "a decimal number")),
        ({"store": "yes"}, type_error("store", "a boolean", "a string")),
        ({"user": {"a": 1}}, type_error("user", "a string", "an object")),
        ({"tools": "none"}, type_error("tools", "an array of objects", "a string")),
        ({"functions": "x"}, type_error("functions", "an array of function definitions", "a string")),
        ({"model": 3}, type_error("model", "a string", "an integer")),
        ({"messages": "ping"}, type_error("messages", "an array of objects", "a string")),
        ({"messages": None}, type_error("messages", "an array of objects", "null")),
        ({"messages": ["ping"]}, type_error("messages[0]", "an object", "a string")),
        (said({"role": "user", "content": 7}), type_error("messages[0].content", TEXT_OR_OBJECTS, "an integer")),
        (said({"role": "user", "content": ["x"]}), type_error("messages[0].content[0]", "an object", "a string")),
        ({"response_format": "json"}, type_error("response_format", "an object", "a string")),
        (
            {"tools": [TOOL], "tool_choice": 7},
            type_error("tool_choice", "one of one of 'none', 'auto', or 'required' or object", "an integer"),
        ),
        ({"stop": 3}, type_error("stop", "one of a string or array of strings", "an integer")),
        ({"stop": ["a", 3]}, type_error("stop[1]", "a string", "an integer")),
        (
            {"prompt_cache_retention": WRONG},
            type_error("prompt_cache_retention", "one of 'in_memory' or '24h'", "an object"),
        ),
        ({"metadata": {"k": 7}}, type_error("metadata.k", "a string", "an integer")),
        # bounds
        ({"temperature": 2.5}, bound("temperature", "decimal <=", 2, 2.5)),
        ({"temperature": -1}, bound("temperature", "decimal >=", 0, -1)),
        ({"top_p": 1.5}, bound("top_p", "decimal <=", 1, 1.5)),
        ({"presence_penalty": -3}, bound("presence_penalty", "decimal >=", -2, -3)),
        ({"frequency_penalty": 3}, bound("frequency_penalty", "decimal <=", 2, 3)),
        ({"n": 0}, bound("n", "integer >=", 1, 0)),
        ({"n": 129}, bound("n", "integer <=", 128, 129)),
        ({"max_tokens": 0}, bound("max_tokens", "integer >=", 1, 0)),
        ({"max_completion_tokens": 0}, bound("max_completion_tokens", "integer >=", 1, 0)),
        ({"logprobs": True, "top_logprobs": 21}, bound("top_logprobs", "integer <=", 20, 21)),
        ({"logprobs": True, "top_logprobs": -1}, bound("top_logprobs", "integer >=", 0, -1)),
        ({"seed": 2**63}, bound("seed", "integer <=", 2**63 - 1, 2**63)),
        ({"logit_bias": {"5": 101}}, bound("logit_bias.5", "decimal <=", 100, 101)),
        ({"messages": []}, empty("messages")),
        ({"tools": []}, empty("tools")),
        ({"stop": []}, empty("stop")),
        (said(USER, {"role": "assistant", "tool_calls": []}), empty("messages[1].tool_calls")),
        ({"stop": list("abcde")}, too_long("stop", "array", 4, 5)),
        ({"tools": [TOOL] * 129}, too_long("tools", "array", 128, 129)),
        (function(name="x" * 65), too_long("tools[0].function.name", "string", 64, 65)),
        ({"metadata": {"k": "x" * 513}}, too_long("metadata.k", "string", 512, 513)),
        (
            said(USER, CALLS | {"tool_calls": [CALL | {"id": "c" * 41}]}),
            too_long("messages[1].tool_calls[0].id", "string", 40, 41),
        ),
        ({"metadata": dict.fromkeys(map(str, range(17)), "v")}, MANY_PROPERTIES),
        ({"metadata": {"k" * 70: "v"}}, LONG_PROPERTY),
        ({"metadata": "x"}, type_error("metadata", "a metadata object", "a string")),
        # values
        (
            {"service_tier": "bogus"},
            value_error("service_tier", "bogus", "'auto', 'default', 'fast', 'flex', and 'priority'"),
        ),
        ({"verbosity": "bogus"}, value_error("verbosity", "bogus", "'low', 'medium', and 'high'")),
        (
            {"response_format": {"type": "bogus"}},
            value_error("response_format.type", "bogus", "'json_object', 'json_schema', and 'text'"),
        ),
        (
            {"reasoning_effort": "bogus"},
            value_error("reasoning_effort", "bogus", "'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'"),
        ),
        (said({"role": "robot", "content": ""}), value_error("messages[0].role", "robot", ROLES)),
        (
            said({"role": "user", "content": [{"type": "image"}]}),
            value_error("messages[0].content[0].type", "image", PARTS),
        ),
        ({"tools": [{"type": "bogus"}]}, value_error("tools[0].type", "bogus", "'function' and 'custom'")),
        (
            {"tools": [TOOL], "tool_choice": "bogus"},
            value_error("tool_choice", "bogus", "'none', 'auto', and 'required'"),
        ),
        (
            {"functions": [FUNCTION], "function_call": "required"},
            value_error("function_call", "required", "'none' and 'auto'"),
        ),
        ({"modalities": ["smell"]}, value_error("modalities[0]", "smell", "'text' and 'audio'")),
        (
            function(name="a b"),
            (f"Invalid 'tools[0].function.name': {PATTERN}", "tools[0].function.name", "invalid_value"),
        ),
        (
            function(name="a\n"),
            (f"Invalid 'tools[0].function.name': {PATTERN}", "tools[0].function.name", "invalid_value"),
        ),
        (
            schema_format(SCHEMA, name="a b"),
            (
                f"Invalid 'response_format.json_schema.name': {PATTERN}",
                "response_format.json_schema.name",
                "invalid_value",
            ),
        ),
        (said(USER | {"name": "a b"}), (f"Invalid 'messages[0].name': {PATTERN}", "messages[0].name", "invalid_value")),
        (
            function(name=""),
            (
                (
                    "Invalid 'tools[0].function.name': empty string. Expected a string with minimum length 1, but got "
                    "an empty string instead."
                ),
                "tools[0].function.name",
                "empty_string",
            ),
        ),
        (
            {"logit_bias": {"foo": 1}},
            (
                "Invalid key in 'logit_bias': foo. You should only be submitting non-negative integers.",
                "logit_bias",
                None,
            ),
        ),
        (
            said({"role": "user", "content": [IMAGE | {"image_url": {"url": "a.png"}}]}),
            (
                (
                    "Invalid 'messages[0].content[0].image_url.url'. Expected a valid URL, but got a value with an "
                    "invalid format."
                ),
                "messages[0].content[0].image_url.url",
                "invalid_value",
            ),
        ),
        # what stands in whose message
        (
            said({"role": "system", "content": [IMAGE]}),
            (
                (
                    "Invalid 'messages[0]'. Image URLs are only allowed for messages with role 'user', but this "
                    "message with role 'system' contains an image URL."
                ),
                "messages[0]",
                "invalid_value",
            ),
        ),
        (
            said({"role": "user", "content": [{"type": "refusal", "refusal": "no"}]}),
            (
                (
                    "Invalid 'messages[0]'. Refusals are only allowed for messages with role 'assistant', but this "
                    "message with role 'user' contains a refusal."
                ),
                "messages[0]",
                "invalid_value",
            ),
        ),
        (said({"role": "user"}), no_content(0)),
        (said(USER, {"role": "assistant", "content": None}), no_content(1)),
        (said({"role": "system", "content": None}), no_content(0)),
        # missing
        ({"response_format": {}}, missing("response_format.type")),
        ({"response_format": {"type": "json_schema"}}, missing("response_format.json_schema")),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
            missing("response_format.json_schema.name"),
        ),
        ({"functions": [{"parameters": {}}]}, missing("functions[0].name")),
        ({"tools": [{"type": "function"}]}, missing("tools[0].function")),
        ({"tools": [{"type": "function", "function": {}}]}, missing("tools[0].function.name")),
        ({"tools": [TOOL], "tool_choice": {"type": "bogus"}}, missing("tool_choice.function")),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {}}}, missing("tool_choice.function.name")),
        ({"functions": [FUNCTION], "function_call": {}}, missing("function_call.name")),
        (said({"content": "ping"}), missing("messages[0].role")),
        (said({"role": "user", "content": [{"type": "text"}]}), missing("messages[0].content[0].text")),
        # what goes together
        (
            {"stream_options": {}},
            ("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options", None),
        ),
        (
            {"top_logprobs": 1},
            ("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs", None),
        ),
        (
            {"max_tokens": 1, "max_completion_tokens": 1},
            (
                "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
                None,
                "invalid_parameter_combination",
            ),
        ),
        (
            {"response_format": {"type": "json_object"}},
            (
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                "messages",
                None,
            ),
        ),
        ({"tool_choice": "auto"}, only_with("tool_choice", "tools")),
        ({"parallel_tool_calls": True}, only_with("parallel_tool_calls", "tools")),
        ({"function_call": "auto"}, only_with("function_call", "functions")),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "other"}}}, UNNAMED),
        ({"functions": [FUNCTION], "function_call": {"name": "other"}}, UNNAMED),
        (
            {
                "tools": [TOOL],
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "other"}}]},
                },
            },
            UNNAMED,
        ),
        # calls and their answers
        (
            said(USER, ANSWER),
            (
                (
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
                    "'tool_calls'."
                ),
                "messages.[1].role",
                None,
            ),
        ),
        (said(USER, CALLS, USER), (f"{NOT_ANSWERED}c1", "messages.[2].role", None)),
        (
            said(USER, {"role": "assistant", "tool_calls": [CALL, CALL | {"id": "c2"}, CALL | {"id": "c3"}]}, ANSWER),
            (f"{NOT_ANSWERED}c2, c3", "messages.[3].role", None),
        ),
        (
            said(USER, CALLS, ANSWER | {"tool_call_id": "c9"}),
            (
                "Invalid parameter: 'tool_call_id' of 'c9' not found in 'tool_calls' of previous message.",
                "messages.[2].tool_call_id",
                None,
            ),
        ),
        (
            said(USER, CALLS, {"role": "tool", "content": "seen"}),
            (
                "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.",
                "messages.[2].tool_call_id",
                None,
            ),
        ),
        (
            said(USER, CALLS, ANSWER, ANSWER),
            ("Duplicate value for 'tool_call_id' of 'c1' in message[3]", "messages.[3].tool_call_id", None),
        ),
        (
            said(USER, {"role": "assistant", "tool_calls": [CALL, CALL]}, ANSWER),
            ("Duplicate value for 'tool_call_id' of 'c1' in message[1]", "messages.[1].tool_calls", None),
        ),
        # schemas
        (
            strict({"type": "object"}),
            bad_schema("In context=(), 'additionalProperties' is required to be supplied and to be false."),
        ),
        (
            strict({"type": "array"}),
            bad_schema("""schema must be a JSON Schema of 'type: "object"', got 'type: "array"'."""),
        ),
        (strict({}), bad_schema("""schema must be a JSON Schema of 'type: "object"', got 'type: "None"'.""")),
        (strict(SCHEMA | {"required": []}), bad_schema(f"In context=(), {REQUIRED} Missing 'answer'.")),
        (
            strict(SCHEMA | {"required": ["answer", "b"]}),
            bad_schema(f"In context=(), {REQUIRED} Extra required key 'b' supplied."),
        ),
        (
            strict(SCHEMA | {"properties": {"answer": {}}}),
            bad_schema("In context=('properties', 'answer'), schema must have a 'type' key."),
        ),
        (
            strict(SCHEMA | {"properties": {"answer": True}}),
            bad_schema("In context=('properties', 'answer'), True is not of type 'object'."),
        ),
        (
            strict(SCHEMA | {"properties": {"answer": {"type": "array", "items": {"allOf": []}}}}),
            bad_schema("In context=('properties', 'answer', 'items'), 'allOf' is not permitted."),
        ),
        (
            strict(SCHEMA | {"properties": {"answer": {"anyOf": [SCHEMA, {"type": "array"}]}}}),
            bad_schema("In context=('properties', 'answer', 'anyOf', '1'), array schema missing items."),
        ),
        (
            strict(SCHEMA | {"properties": {"answer": {"$ref": "#/$defs/gone"}}}),
            bad_schema(
                "In context=('properties', 'answer'), reference can only point to definitions defined at the top level "
                "of the schema."
            ),
        ),
        (
            strict(SCHEMA | {"properties": {"answer": {"$ref": "#", "description": "d"}}}),
            bad_schema("In context=('properties', 'answer'), $ref cannot have keywords {'description'}."),
        ),
        (
            strict(SCHEMA | {"$defs": {"d": {"type": "object", "properties": {}}}}),
            bad_schema("In context=('$defs', 'd'), 'additionalProperties' is required to be supplied and to be false."),
        ),
        (
            function(strict=True, parameters={"type": "object", "properties": {}}),
            bad_parameters("In context=(), 'additionalProperties' is required to be supplied and to be false."),
        ),
        (function(parameters={"type": "object"}), bad_parameters("In context=(), object schema missing properties.")),
        (
            function(parameters={"type": "object", "properties": {"a": {"type": "array"}}}),
            bad_parameters("In context=('properties', 'a'), array schema missing items."),
        ),
    ],
)
def test_what_the_service_refuses_is_refused_in_its_words(fields, expected):
    assert refused({**HELLO, **fields}) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], type_error("body", "an object", "an array")),
        ({}, ("you must provide a model parameter", None, None)),
        ({**HELLO, "model": ""}, ("you must provide a model parameter", None, None)),
        ({"model": "m"}, missing("messages")),
        ({"messages": [], "foo": 1}, ("you must provide a model parameter", None, None)),
        ({"model": "m", "foo": 1}, missing("messages")),
        ({"n": "x", "foo": 1, **HELLO, "messages": []}, unknown("foo")),
        ({"temperature": WRONG, "n": 0, **HELLO}, bound("n", "integer >=", 1, 0)),
        ({"metadata": {"k": 7}, **HELLO, "messages": [7]}, type_error("messages[0]", "an object", "an integer")),
        (
            {"tools": "x", "functions": "x", **HELLO},
            type_error("functions", "an array of function definitions", "a string"),
        ),
        ({"store": "x", "stream": "y", **HELLO}, type_error("stream", "a boolean", "a string")),
        ({"verbosity": "x", "user": 7, **HELLO}, type_error("user", "a string", "an integer")),
        (
            {"prompt_cache_key": 7, "prompt_cache_options": "x", **HELLO},
            type_error("prompt_cache_options", "an object", "a string"),
        ),
        ({"stream_options": {}, **HELLO, "n": 0}, bound("n", "integer >=", 1, 0)),
    ],
)
def test_of_several_faults_the_one_is_named_that_the_service_finds_first(body, expected):
    assert refused(body) == expected


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"modalities": ["text", "audio"]}, "modalities[1]"),
        ({"audio": {"voice": "alloy", "format": "wav"}}, "audio"),
        ({"moderation": {"model": "omni-moderation-latest"}}, "moderation"),
        (said(USER, {"role": "assistant", "content": [{"type": "audio"}]}), "messages[1].content[0]"),
    ],
)
def test_what_the_fake_cannot_do_is_named_and_not_passed_over(fields, param):
    with pytest.raises(Rejection, match="The fake LLM does not speak") as caught:
        decode_inquiry({**HELLO, **fields})
    assert (caught.value.is_unspoken, caught.value.param) == (True, param)


def test_a_schema_that_is_very_deep_is_refused_without_exhausting_the_stack():
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(5000):
        deep = {"type": "array", "items": deep}
    body = {**HELLO, **strict(SCHEMA | {"properties": {"answer": deep}})}
    assert refused(body)[0].endswith("schema exceeds the maximum of 10 levels of nesting.")
    assert decode_inquiry({**HELLO, **function(parameters={"type": "object", "properties": {"a": deep}})})


@pytest.mark.parametrize(
    ("properties", "what"),
    [
        (
            {f"p{n}": {"type": "null"} for n in range(5001)},
            "Expected at most 5000 object properties in total, but got 5001.",
        ),
        (
            {"a": {"type": "string", "enum": [*map(str, range(1001))]}},
            "Expected at most 1000 enum values in total, but got 1001.",
        ),
    ],
)
def test_a_strict_schema_that_is_too_large_is_refused(properties, what):
    schema = SCHEMA | {"properties": properties, "required": [*properties]}
    assert refused({**HELLO, **strict(schema)}) == bad_schema(what)


def test_a_schema_that_passed_once_and_was_changed_is_another_one():
    schema = {**SCHEMA, "properties": {"answer": {"type": "string"}}}
    decode_inquiry({**HELLO, **strict(schema)})
    schema["properties"]["answer"] = {}
    assert refused({**HELLO, **strict(schema)})[0].endswith("schema must have a 'type' key.")


def test_what_passes_loosely_is_still_refused_strictly():
    parameters = {"type": "object", "properties": {"loose": {"type": "string"}}}
    decode_inquiry({**HELLO, **function(parameters=parameters)})
    assert refused({**HELLO, **function(parameters=parameters, strict=True)})[2] == "invalid_function_parameters"
