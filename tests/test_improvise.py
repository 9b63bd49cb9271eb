"""What the fake says when no rule replies: texts, JSON, calls of tools, and several choices."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model import improvise
from kaizen_eval.messages import ChatRequest, Message, ToolCall

SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "sure": {"type": "boolean"}},
    "required": ["answer", "sure"],
    "additionalProperties": False,
}
PARAMETERS = {
    "weather": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
        "required": ["city", "days"],
        "additionalProperties": False,
    },
    "convert": {"properties": {"unit": {"enum": ["C", "F"]}}, "required": ["unit"]},
    "now": None,
    "ping": {},
    "note": {"description": "Whatever helps."},
}
seeds = st.integers(0, 1000)
attempts = st.integers(0, 50)
names = st.lists(st.sampled_from(sorted(PARAMETERS)), min_size=1, unique=True)
questions = st.sampled_from(["What is AI?", "Wie spät ist es? 🕰", ""])


def tool(name, **fields):
    function = {"name": name, "description": f"Does {name}.", **fields}
    if PARAMETERS.get(name) is not None:
        function["parameters"] = PARAMETERS[name]
    return {"type": "function", "function": function}


def asked(question="What is AI?", *, tools=(), results=0, schema=None, mode=None, **inquiry):
    """A question, with as many results of tools after it."""
    loop = [
        message
        for number in range(results)
        for message in (
            Message("assistant", "", (ToolCall(f"call_{number}", "now", "{}"),)),
            Message("tool", "12:00", tool_call_id=f"call_{number}"),
        )
    ]
    request = ChatRequest(
        model="m",
        messages=(Message("system", "Help."), Message("user", question), *loop),
        tools=tuple(tool(name) if isinstance(name, str) else name for name in tools),
        output_schema=schema,
        output_mode=mode or ("schema" if schema else "text"),
    )
    return Inquiry(request=request, **inquiry)


def said(inquiry, *, seed=0, attempt=0):
    return improvise.replies(inquiry, seed=seed, attempt=attempt)


def calls(inquiry, **which):
    [reply] = said(inquiry, **which)
    return [(call.name, json.loads(call.arguments)) for call in reply.tool_calls]


inquiries = st.builds(
    asked,
    questions,
    tools=st.just(()) | names,
    results=st.integers(0, 2),
    schema=st.none() | st.just(SCHEMA),
    choices=st.integers(1, 4),
    tool_choice=st.sampled_from(["auto", "none", "required"]),
    parallel_tool_calls=st.booleans(),
)


@given(inquiries, seeds, attempts)
def test_the_same_request_is_always_answered_with_the_same_replies(inquiry, seed, attempt):
    assert said(inquiry, seed=seed, attempt=attempt) == said(inquiry, seed=seed, attempt=attempt)


@given(inquiries, seeds, attempts)
def test_there_is_always_one_reply_for_each_choice(inquiry, seed, attempt):
    assert len(said(inquiry, seed=seed, attempt=attempt)) == inquiry.choices


@given(inquiries, seeds, attempts)
def test_a_reply_always_calls_tools_or_says_something_that_fits(inquiry, seed, attempt):
    for reply in said(inquiry, seed=seed, attempt=attempt):
        assert (reply.text is None) == bool(reply.tool_calls)
        if reply.text is not None and inquiry.request.output_schema:
            assert jsonschema_rs.is_valid(SCHEMA, json.loads(reply.text))


@given(names, seeds, attempts)
def test_arguments_are_always_an_object_that_fits_the_parameters(tools, seed, attempt):
    for name, arguments in calls(asked(tools=tools), seed=seed, attempt=attempt):
        assert isinstance(arguments, dict)
        assert jsonschema_rs.is_valid(PARAMETERS[name] or {"maxProperties": 0}, arguments)


@given(names, seeds, attempts)
def test_no_tool_is_ever_called_twice_at_once(tools, seed, attempt):
    called = [name for name, _ in calls(asked(tools=tools), seed=seed, attempt=attempt)]
    assert len({*called} & {*tools}) == len(called) <= 3


@given(names, seeds, attempts)
def test_without_parallel_calls_there_is_always_exactly_one(tools, seed, attempt):
    assert len(calls(asked(tools=tools, parallel_tool_calls=False), seed=seed, attempt=attempt)) == 1


def test_with_several_tools_some_requests_are_answered_with_several_calls():
    counts = [len(calls(asked(tools=["weather", "convert", "now"]), seed=seed)) for seed in range(30)]
    assert {*counts} == {1, 2, 3}


@pytest.mark.parametrize(
    ("choice", "results", "is_call"),
    [
        ("auto", 0, True),
        ("auto", 1, False),
        ("auto", 3, False),
        ("none", 0, False),
        ("none", 1, False),
        ("required", 0, True),
        ("required", 1, True),
    ],
)
def test_tools_are_called_until_one_has_answered_unless_the_request_says_otherwise(choice, results, is_call):
    [reply] = said(asked(tools=["now"], results=results, tool_choice=choice))
    assert bool(reply.tool_calls) is is_call


def test_a_new_question_after_a_result_is_a_new_reason_to_call():
    answered = asked(tools=["now"], results=1)
    messages = (*answered.request.messages, Message("assistant", "Noon."), Message("user", "And now?"))
    [reply] = said(replace(answered, request=replace(answered.request, messages=messages)))
    assert reply.tool_calls[0].name == "now"


def test_a_loop_over_tools_ends_with_json_that_fits():
    inquiry = asked(tools=["weather", "convert"], schema=SCHEMA)
    turns = 0
    while (reply := said(inquiry)[0]).tool_calls:
        results = [Message("tool", "done", tool_call_id=call.id) for call in reply.tool_calls]
        messages = (*inquiry.request.messages, Message("assistant", "", reply.tool_calls), *results)
        inquiry = replace(inquiry, request=replace(inquiry.request, messages=messages))
        turns += 1
    assert (turns, jsonschema_rs.is_valid(SCHEMA, json.loads(reply.text))) == (1, True)


@given(seeds, st.sampled_from(["auto", "required"]))
def test_only_the_tools_that_may_be_called_ever_are(seed, choice):
    inquiry = asked(tools=["weather", "convert", "now"], only_tools=("convert",), tool_choice=choice)
    assert [name for name, _ in calls(inquiry, seed=seed)] == ["convert"]


def test_asking_again_brings_other_arguments():
    inquiry = asked(tools=["weather"])
    assert len({said(inquiry, attempt=attempt)[0].tool_calls for attempt in range(5)}) == 5


@given(inquiries, seeds)
def test_choices_always_differ_where_the_schema_leaves_a_choice(inquiry, seed):
    inquiry = replace(inquiry, tool_choice="none")
    assert len({reply.text for reply in said(inquiry, seed=seed)}) == inquiry.choices


def test_choices_of_later_attempts_are_new():
    first, second = (said(asked(choices=2), attempt=attempt) for attempt in (0, 1))
    assert len({reply.text for reply in (*first, *second)}) == 4


def test_the_first_choice_is_what_one_choice_would_be():
    assert said(asked(choices=3))[0] == said(asked())[0]


def test_where_any_json_object_will_do_there_is_one_that_quotes_the_question():
    [reply] = said(asked(mode="json"))
    assert re.fullmatch(r'On "What is AI\?": The .+\.', json.loads(reply.text)["answer"])


def test_a_schema_in_the_prompt_goes_before_any_json_object():
    inquiry = asked(mode="json")
    prompt = Message("system", f"Reply:\n```json\n{json.dumps(SCHEMA)}\n```")
    messages = (prompt, *inquiry.request.messages[1:])
    [reply] = said(replace(inquiry, request=replace(inquiry.request, messages=messages)))
    assert jsonschema_rs.is_valid(SCHEMA, json.loads(reply.text))


def test_a_custom_tool_is_called_with_plain_text():
    custom = {"type": "custom", "custom": {"name": "shell", "description": "Runs it."}}
    [call] = said(asked(tools=[custom]))[0].tool_calls
    assert (call.name, bool(re.fullmatch(r"The .+\.", call.arguments))) == ("shell", True)


@pytest.mark.parametrize(
    "form",
    [
        {"type": "grammar", "grammar": {"syntax": "regex", "definition": r"\d{3}-[a-f]+|x"}},
        {"type": "grammar", "syntax": "regex", "definition": r"\d{3}-[a-f]+|x"},
    ],
)
@given(seed=seeds)
def test_the_text_for_a_custom_tool_always_fits_its_pattern(form, seed):
    custom = {"type": "custom", "custom": {"name": "pick", "format": form}}
    [call] = said(asked(tools=[custom]), seed=seed)[0].tool_calls
    assert re.fullmatch(r"\d{3}-[a-f]+|x", call.arguments)


@pytest.mark.parametrize(
    "not_ours", [{}, {"type": "web_search"}, {"type": "function"}, {"type": "function", "function": {}}]
)
def test_what_is_no_tool_of_the_client_is_never_called(not_ours):
    [reply] = said(asked(tools=[not_ours]))
    assert reply.tool_calls == ()


def test_a_tool_whose_parameters_nothing_fits_is_refused_by_name():
    impossible = tool("x", parameters={"type": "object", "properties": {"a": False}, "required": ["a"]})
    with pytest.raises(ScriptError, match=r"^The fake cannot call the tool 'x': no value fits the schema"):
        said(asked(tools=[impossible]))
