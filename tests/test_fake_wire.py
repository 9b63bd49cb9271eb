"""The wire codec: request bodies in, bodies out that the OpenAI SDK's own models take."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion

from kaizen_eval.fake.completion import Choice, Completion
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.chat import decode_inquiry, encode_completion
from kaizen_eval.fake.wire.errors import Rejection, encode_error
from kaizen_eval.llm.wire import decode_reply, encode_request
from kaizen_eval.messages import ChatRequest, Message, ToolCall, Usage

texts = st.text(st.characters(codec="utf-8"), max_size=20)
counts = st.integers(0, 10_000)
calls = st.builds(ToolCall, id=texts, name=texts, arguments=texts)
usages = st.builds(Usage, prompt=counts, completion=counts, cached=counts, reasoning=counts)
choices = st.builds(
    Choice,
    text=st.none() | texts,
    tool_calls=st.lists(calls, max_size=2).map(tuple),
    finish_reason=st.sampled_from(["stop", "length", "content_filter", "tool_calls"]),
    refusal=st.none() | texts,
)
completions = st.builds(
    Completion,
    mark=texts,
    choices=st.tuples(choices),
    model=texts,
    usage=usages,
)
messages = st.builds(
    Message,
    st.sampled_from(["system", "user", "assistant", "tool"]),
    texts,
    st.lists(calls, max_size=2).map(tuple),
    st.none() | texts,
)
formats = st.sampled_from(
    [
        {"output_mode": "text"},
        {"output_mode": "json"},
        {"output_mode": "schema", "output_schema": {"type": "object", "properties": {}}},
    ]
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "tools": st.just(({"type": "function", "function": {"name": "f"}},)),
        "temperature": st.floats(0, 2),
        "top_p": st.floats(0, 1),
        "max_tokens": counts,
        "seed": st.integers(-(2**63), 2**63),
        "stop": st.lists(texts, max_size=2).map(tuple),
        "stream": st.booleans(),
    },
)
requests = st.builds(
    lambda messages, shape, fields: ChatRequest(model="m", messages=tuple(messages), **shape, **fields),
    st.lists(messages, max_size=3),
    formats,
    fields,
)


ASKED = Inquiry(request=ChatRequest(model="m", messages=()))


def over_the_wire(body: object) -> object:
    return json.loads(json.dumps(body))


@given(requests)
def test_a_request_always_arrives_as_it_was_sent(request):
    assert decode_inquiry(over_the_wire(encode_request(request))).request == request


@given(completions)
def test_a_reply_always_arrives_as_it_was_sent(completion):
    assert decode_reply(over_the_wire(encode_completion(completion, ASKED))) == completion.reply()


@given(completions)
def test_a_reply_is_always_valid_for_the_sdk(completion):
    body = over_the_wire(encode_completion(completion, ASKED))
    assert json.loads(ChatCompletion.model_validate(body, strict=True).model_dump_json(exclude_unset=True)) == body


def test_who_asks_comes_from_outside_of_the_body():
    body = {"messages": [], "session_id": "forged"}
    expected = ChatRequest(model="given", messages=(), session_id="a", agent_id="b")
    assert decode_inquiry(body, model="given", session_id="a", agent_id="b").request == expected


def test_parts_of_text_are_joined_and_newer_roles_are_known():
    body = {
        "model": "m",
        "messages": [
            {"role": "developer", "content": "Be terse."},
            {"role": "user", "content": [{"type": "text", "text": "What is "}, {"type": "text", "text": "this?"}]},
            {"role": "assistant", "content": None},
        ],
        "stop": "END",
        "max_tokens": 5,
        "response_format": {"type": "text"},
    }
    said = (Message("system", "Be terse."), Message("user", "What is this?"), Message("assistant", ""))
    assert decode_inquiry(body).request == ChatRequest(model="m", messages=said, stop=("END",), max_tokens=5)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "Invalid type for the body: expected an object"),
        ({}, "Invalid type for messages: expected an array, but got None"),
        ({"messages": ["hi"]}, r"Invalid type for messages\[\]: expected an object"),
        ({"messages": [{"role": "robot", "content": ""}]}, r"Invalid value 'robot' for messages\[\].role"),
        ({"messages": [], "model": 3}, "Invalid type for model: expected a string"),
        ({"messages": [{"role": "user", "content": 3}]}, "Invalid type for content"),
        (
            {"messages": [], "response_format": {"type": "json_schema"}},
            "response_format.json_schema: expected an object",
        ),
    ],
)
def test_a_body_that_is_no_chat_request_is_rejected_with_the_place(body, message):
    with pytest.raises(Rejection, match=message) as caught:
        decode_inquiry(body)
    assert caught.value.status == 400


def test_an_error_body_has_openais_shape():
    assert json.loads(encode_error("No.", kind="requests", code="rate_limit_exceeded")) == {
        "error": {"message": "No.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    }
