"""What is billed for a prompt, and how much of it was cached."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.messages import ChatRequest, Message, ToolCall
from kaizen_eval.metrics.tokens import (
    ESTIMATE,
    cached_tokens,
    call_tokens,
    encoding_of,
    estimate_messages,
    name_tokens,
    prompt_tokens,
)
from kaizen_eval.metrics.tokens.schema_tokens import schema_tokens
from kaizen_eval.metrics.tokens.tool_tokens import tool_tokens
from kaizen_eval.metrics.tokens.written import written

O200K, CL100K = encoding_of("gpt-4o"), encoding_of("gpt-4")


def asking(*messages: Message, **settings) -> ChatRequest:
    return ChatRequest(model="gpt-4o", messages=messages, **settings)


def said(content: str, role: str = "user") -> Message:
    return Message(role, content)


JARGON = [
    (
        "",
        "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
    ),
    ("example_user", "New synergies will help drive top-line growth."),
    ("example_assistant", "Things working well together will increase revenue."),
    (
        "example_user",
        "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
    ),
    ("example_assistant", "Let's talk later when we're less busy about how to do better."),
    ("", "This late pivot means we don't have time to boil the ocean for the client deliverable."),
]
"""Names and texts: the example of OpenAI's guide "How to count tokens with tiktoken"."""
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_current_weather",
        "description": "Get the current weather in a given location",
        "parameters": {
            "type": "object",
            "properties": {
                "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
                "unit": {
                    "type": "string",
                    "description": "The unit of temperature to return",
                    "enum": ["celsius", "fahrenheit"],
                },
            },
            "required": ["location"],
        },
    },
}
"""The tool of the same guide."""
ASKED_FOR_WEATHER = asking(
    said("You are a helpful assistant that can answer to questions about the weather.", "system"),
    said("What's the weather like in San Francisco?"),
    tools=(WEATHER,),
)


@pytest.mark.parametrize(("encoding", "billed"), [(CL100K, 129), (O200K, 124)])
def test_the_messages_of_openais_guide_count_as_its_service_billed_them(encoding, billed):
    request = asking(*(said(text, "system") for _, text in JARGON[:-1]), said(JARGON[-1][1]))
    names = sum(name_tokens(name, encoding) for name, _ in JARGON if name)
    assert prompt_tokens(request, encoding, extra=names) == billed


@pytest.mark.parametrize(("encoding", "billed"), [(CL100K, 105), (O200K, 101)])
def test_the_tool_of_openais_guide_counts_as_its_service_billed_it(encoding, billed):
    assert prompt_tokens(ASKED_FOR_WEATHER, encoding) == billed


BILLED = {
    "a word": ([said("hello")], 8),
    "three roles": (
        [
            said("# Important: you're the best robot", "system"),
            said("hello robot"),
            said("hello world", "assistant"),
        ],
        27,
    ),
    "a call": ([Message("assistant", "", (ToolCall("1", "do_stuff", '{"foo": "bar", "baz": 1.5}'),))], 26),
    "a call with other spaces": (
        [Message("assistant", "", (ToolCall("1", "do_stuff", '{"foo":"bar", "baz":\n\n 1.5}'),))],
        25,
    ),
    "a call and its result": (
        [
            Message("assistant", "", (ToolCall("call_1", "get_current_weather", '{\n  "location": "Boston, MA"\n}'),)),
            Message("tool", "29 degree celcius", tool_call_id="call_1"),
        ],
        35,
    ),
    "a question, a call and its result": (
        [
            said("How much is 2 plus 2?"),
            Message("assistant", "", (ToolCall("a", "calculator", '{"a":2, "b":2}'),)),
            Message("tool", "4", tool_call_id="a"),
        ],
        40,
    ),
}
"""Messages, and what users of gpt-4 and gpt-3.5 reported that they were billed."""


@pytest.mark.parametrize(("messages", "billed"), BILLED.values(), ids=BILLED)
def test_calls_and_their_results_count_as_users_were_billed(messages, billed):
    assert prompt_tokens(asking(*messages), CL100K) == billed


def test_a_result_that_answers_no_call_counts_with_its_role():
    assert prompt_tokens(asking(Message("tool", "4", tool_call_id="b")), O200K) == 3 + 1 + 1 + 3


def test_a_result_stands_under_the_latest_call_of_its_id():
    calls = [Message("assistant", "", (ToolCall("a", name, "{}"),)) for name in ("f", "get_current_weather")]
    result = Message("tool", "4", tool_call_id="a")
    late, early = asking(*calls, result), asking(calls[0], result, calls[1])
    difference = O200K.count("get_current_weather") - O200K.count("f")
    assert prompt_tokens(late, O200K) - prompt_tokens(early, O200K) == difference


def function(**parts) -> dict:
    return {"type": "function", "function": {"name": "f", **parts}}


def parameters(**properties) -> dict:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def counted(*texts: str) -> int:
    return sum(map(O200K.count, texts))


TOOLS = {
    "none": ([], 0),
    "without anything": ([function()], 7 + counted("f:") + 12),
    "without properties": ([function(parameters=parameters(), strict=True)], 7 + counted("f:") + 12),
    "two": ([function(), function(description="Do it.")], 14 + counted("f:", "f:Do it") + 12),
    "a property": (
        [function(parameters=parameters(a={"type": "integer", "description": "How many."}))],
        7 + 3 + 3 + counted("f:", "a:integer:How many") + 12,
    ),
    "an enum of numbers": (
        [function(parameters=parameters(a={"enum": [1, 20.5]}))],
        7 + 3 + 3 - 3 + 3 + 3 + counted("f:", "a::", "1", "20.5") + 12,
    ),
    "what the guide is silent about": (
        [function(parameters=parameters(a={"type": ["string", "null"], "pattern": "^a"}) | {"$defs": {"b": {}}})],
        7 + 3 + 3 + counted("f:", 'a:["string","null"]:', '{"pattern":"^a"}', '{"$defs":{"b":{}}}') + 12,
    ),
    "properties that are none": (
        [function(parameters={"type": "object", "properties": ["a"]})],
        7 + counted("f:", '{"type":"object","properties":["a"]}') + 12,
    ),
    "in the shape of the Responses API": ([{"type": "function", "name": "f"}], 7 + counted("f:") + 12),
    "no function": ([{"type": "web_search"}], counted('{"type":"web_search"}') + 12),
}


@pytest.mark.parametrize(("tools", "tokens"), TOOLS.values(), ids=TOOLS)
def test_tools_count_by_the_guide_and_beyond_it_by_their_compact_json(tools, tokens):
    assert tool_tokens(tools, O200K) == tokens


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
odd = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("type", "name", "description", "enum", "properties", "parameters"), json_values)
)


@given(property_=json_values | odd, schema=json_values | odd, tool=json_values | odd)
def test_no_tool_is_too_odd_to_be_counted(property_, schema, tool):
    tools = [
        function(parameters={"properties": {"a": property_}}),
        function(parameters=schema, description=property_),
        {"function": tool},
    ]
    assert tool_tokens(tools, O200K) >= 12


def test_a_schema_counts_as_compact_json_without_what_is_not_billed():
    schema = {
        "$schema": "…",
        "type": "object",
        "properties": {"required": {"type": "array", "items": {"type": "object", "additionalProperties": False}}},
        "$defs": {"properties": {"required": ["a"], "const": 1}},
        "required": ["required"],
        "anyOf": [{"required": ["a"]}],
        "enum": ["required"],
    }
    compact = (
        '{"type":"object","properties":{"required":{"type":"array","items":{"type":"object"}}},'
        '"$defs":{"properties":{"const":1}},"anyOf":[{}],"enum":["required"]}'
    )
    assert schema_tokens(schema, O200K) == 9 + O200K.count(compact)


def test_a_schema_counts_only_when_it_is_sent():
    schema = {"type": "object"}
    counts = [
        prompt_tokens(asking(said("hello"), output_schema=schema, output_mode=mode), O200K)
        for mode in ("text", "json", "schema")
    ]
    assert counts == [8, 8, 8 + schema_tokens(schema, O200K)]


def test_what_is_too_deep_to_be_written_is_not():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert written(deep) == ""


def test_the_estimate_counts_prompts_by_the_same_rules():
    request = asking(said("12345678"), tools=(function(),))
    assert prompt_tokens(request, ESTIMATE) == (3 + 1 + 2) + (7 + 1 + 12) + 3


def test_messages_alone_can_be_estimated():
    messages = [said("12345678"), Message("assistant", "", (ToolCall("a", "f", "{}"),))]
    assert estimate_messages(messages) == 2 + 1 + 3 + 3


LONG = " word" * 1000


def test_the_first_request_of_a_conversation_reads_nothing_from_the_cache():
    assert cached_tokens(asking(said(LONG * 2)), O200K) == 0


@pytest.mark.parametrize(
    ("words", "cached"), [(1016, 0), (1017, 1024), (1018, 1024), (1144, 1024), (1145, 1152), (9000, 8960)]
)
def test_the_earlier_prompt_is_read_from_the_cache_in_steps(words, cached):
    request = asking(said(" word" * words), said("yes", "assistant"), said("go on"))
    assert (prompt_tokens(asking(request.messages[0]), O200K), cached_tokens(request, O200K)) == (words + 7, cached)


def test_the_longest_earlier_prompt_is_the_one_before_the_last_answer():
    turns = [said(LONG), said("yes", "assistant"), said(LONG), said("yes", "assistant"), said("go on")]
    assert cached_tokens(asking(*turns), O200K) == 1920


def test_tools_and_schemas_are_cached_with_the_messages():
    settings = {"tools": (WEATHER,) * 30, "output_schema": {"type": "object"}, "output_mode": "schema"}
    request = asking(said("hello"), said("yes", "assistant"), said("go on"), **settings)
    earlier = prompt_tokens(asking(said("hello"), **settings), O200K)
    assert cached_tokens(request, O200K) == earlier - earlier % 128 > 0


def test_models_before_gpt_4o_have_no_cache():
    request = asking(said(LONG * 2), said("yes", "assistant"), said("go on"))
    assert [cached_tokens(request, encoding) for encoding in (CL100K, ESTIMATE)] == [0, 2432]


roles = st.sampled_from(["system", "user", "assistant", "tool"])
conversations = st.lists(
    st.builds(lambda role, words: said(" word" * words, role), roles, st.integers(0, 900)), max_size=8
)


@pytest.mark.parametrize("encoding", [O200K, ESTIMATE], ids=lambda encoding: encoding.name)
@given(messages=conversations)
def test_what_was_cached_is_always_a_part_of_the_prompt_in_whole_steps(encoding, messages):
    request = asking(*messages)
    cached = cached_tokens(request, encoding)
    assert (cached <= prompt_tokens(request, encoding), cached % 128, 0 < cached < 1024) == (True, 0, False)


@given(messages=conversations, more=conversations)
def test_a_conversation_that_goes_on_never_costs_less_and_never_finds_less_in_the_cache(messages, more):
    before, after = asking(*messages), asking(*messages, *more)
    assert prompt_tokens(after, O200K) >= prompt_tokens(before, O200K)
    assert cached_tokens(after, O200K) >= cached_tokens(before, O200K)


def test_a_call_counts_with_how_it_is_addressed():
    assert call_tokens(ToolCall("x", "get_weather", "{}"), O200K) == counted("to=functions.get_weather", "{}")
