"""Whatever JSON comes as a chat request, it is read or refused; and what is read can be answered."""

from __future__ import annotations

import copy
import json
from typing import Any

from chat_asking import HELLO, SCHEMA, TOOL
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.wire.chat.body import write_completion
from kaizen_eval.fake.wire.chat.reader import chunks_of, decode_stream
from kaizen_eval.fake.wire.chat.request import decode_inquiry
from kaizen_eval.fake.wire.chat.stream import ChatStream
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.messages import ToolCall

CUSTOM = {"type": "custom", "custom": {"name": "write", "format": {"type": "text"}}}
FULL: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "json"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "https://x"}}],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}},
                {"id": "2", "type": "custom", "custom": {"name": "write", "input": "x"}},
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": "b"},
        {"role": "tool", "tool_call_id": "2", "content": [{"type": "text", "text": "c"}]},
        {"role": "assistant", "function_call": {"name": "look", "arguments": "{}"}},
        {"role": "function", "name": "look", "content": None},
        {"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]},
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]},
    ],
    "tools": [TOOL, CUSTOM],
    "functions": [TOOL["function"]],
    "tool_choice": {
        "type": "allowed_tools",
        "allowed_tools": {"mode": "auto", "tools": [{"type": "custom", "custom": {"name": "write"}}]},
    },
    "function_call": {"name": "look"},
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}},
    "stream": True,
    "stream_options": {"include_usage": True, "include_obfuscation": True},
    "logprobs": True,
    "top_logprobs": 2,
    "n": 2,
    "stop": ["a"],
    "logit_bias": {"1": 2},
    "metadata": {"a": "b"},
    "service_tier": "flex",
    "modalities": ["text"],
    "prediction": {"type": "content", "content": "x"},
    "web_search_options": {"user_location": {"type": "approximate", "approximate": {}}},
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container within, with a key of it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, held in inner for place in [(value, key), *places(held)]]


@st.composite
def mangled(draw: st.DrawFn) -> Any:
    """A body that was fine, with some values replaced or gone."""
    body = copy.deepcopy(draw(st.sampled_from([FULL, HELLO | {"tools": [TOOL]}])))
    for _ in range(draw(st.integers(1, 3))):
        if not (found := places(body)):
            break
        container, key = draw(st.sampled_from(found))
        if isinstance(container, dict) and draw(st.booleans()):
            del container[key]
        else:
            container[key] = draw(json_values | st.sampled_from(found).map(lambda place: copy.deepcopy(place[0])))
    return body


def answered(body: Any) -> str:
    try:
        inquiry = decode_inquiry(body)
    except Rejection:
        return "refused"
    choice = Choice(text="a", tool_calls=(ToolCall("c", "write", "{}"),), finish_reason="tool_calls")
    completion = Completion(mark="0a", choices=(choice,), model="m")
    json.loads(write_completion(completion, inquiry))
    decode_stream(chunks_of(b"".join(piece.data for piece in ChatStream(completion, inquiry))))
    return "answered"


@given(mangled())
def test_a_mangled_request_is_always_answered_or_refused(body):
    assert answered(body) in {"answered", "refused"}


@given(json_values)
def test_any_json_is_always_refused(value):
    assert answered(value) == "refused"


def test_what_is_mangled_was_fine():
    assert [answered(body) for body in (FULL, HELLO | {"tools": [TOOL]})] == ["answered"] * 2
