"""Chat requests and completions as hypothesis makes them, and bodies that nothing is wrong with."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.wire.chat.request import decode_inquiry
from kaizen_eval.messages import ChatRequest, Message, ToolCall, Usage

__all__ = ["ASKED", "HELLO", "SCHEMA", "TOOL", "asked", "completions", "over_the_wire", "requests", "texts"]

HELLO = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
ASKED = Inquiry(request=ChatRequest(model="m", messages=()))

texts = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.text("abcXYZ019_-", min_size=1, max_size=64)
counts = st.integers(0, 10_000)
calls = st.builds(ToolCall, id=texts, name=names, arguments=texts)
choices = st.builds(
    Choice,
    text=st.none() | texts,
    tool_calls=st.lists(calls, max_size=3).map(tuple),
    finish_reason=st.sampled_from(["stop", "length", "content_filter", "tool_calls"]),
    refusal=st.none() | texts,
)
completions = st.builds(
    Completion,
    mark=texts,
    choices=st.lists(choices, max_size=3).map(tuple),
    model=st.text(min_size=1, max_size=9),
    usage=st.builds(Usage, prompt=counts, completion=counts, cached=counts, reasoning=counts),
    created=counts,
    fingerprint=texts,
)


def exchange(called: list[ToolCall], answers: list[str]) -> list[Message]:
    """An assistant's calls, and what the tools answer."""
    told = [Message("tool", answer, (), call.id) for call, answer in zip(called, answers, strict=False)]
    return [Message("assistant", "", tuple(called)), *told]


spoken = st.builds(Message, st.sampled_from(["system", "user", "assistant"]), texts).map(lambda message: [message])
exchanges = st.builds(
    exchange,
    st.lists(calls, min_size=1, max_size=3, unique_by=lambda call: call.id),
    st.lists(texts, min_size=3, max_size=3),
)
formats = st.sampled_from(
    [{"output_mode": "text"}, {"output_mode": "json"}, {"output_mode": "schema", "output_schema": SCHEMA}]
)
settings = st.fixed_dictionaries(
    {},
    optional={
        "tools": st.just((TOOL,)),
        "temperature": st.floats(0, 2),
        "top_p": st.floats(0, 1),
        "max_tokens": st.integers(1, 10_000),
        "seed": st.integers(-(2**63), 2**63 - 1),
        "stop": st.lists(texts, max_size=4).map(tuple),
        "stream": st.booleans(),
    },
)


def request_of(turns: list[list[Message]], form: dict[str, Any], given: dict[str, Any]) -> ChatRequest:
    messages = [message for turn in turns for message in turn]
    return ChatRequest(model="m", messages=(Message("user", "As JSON."), *messages), **form, **given)


requests = st.builds(request_of, st.lists(spoken | exchanges, max_size=4), formats, settings)


def asked(**fields: Any) -> Inquiry:
    """What comes of a request with these fields beside the usual ones."""
    return decode_inquiry({**HELLO, **fields})


def over_the_wire(body: object) -> Any:
    return json.loads(json.dumps(body))
