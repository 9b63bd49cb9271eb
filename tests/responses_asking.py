"""Requests to the Responses API and what is said to them, as laws take them."""

from __future__ import annotations

from hypothesis import strategies as st

from kaizen_eval.fake.model.completion import Choice, Completion
from kaizen_eval.fake.timing.pace import Pace
from kaizen_eval.fake.wire.responses.request import decode_inquiry
from kaizen_eval.messages import ToolCall, Usage

__all__ = [
    "CHOICES",
    "CUSTOM",
    "FORMATS",
    "FUNCTION",
    "HOSTED",
    "INCLUDED",
    "MESSAGES",
    "SCHEMA",
    "bodies",
    "completions",
    "inquiries",
    "paced",
]

texts = st.text(st.characters(codec="utf-8"), max_size=20)
counts = st.integers(0, 10_000)
marks = st.text("0123456789abcdef", min_size=4, max_size=34)
FUNCTION = {"type": "function", "name": "look_up", "parameters": {"type": "object", "properties": {}}}
CUSTOM = {"type": "custom", "name": "write", "description": "Writes."}
calls = st.builds(
    ToolCall,
    id=st.uuids().map(lambda made: f"call_{made.hex}"),
    name=st.sampled_from(["look_up", "write"]),
    arguments=texts,
)


AT_ONCE = st.just(Pace())


@st.composite
def completions(draw, pace=AT_ONCE):
    """As they are composed: a call ends a reply as one, and what is thought is billed."""
    called = tuple(draw(st.lists(calls, max_size=3)))
    ends = draw(st.sampled_from(["stop", "length", "content_filter"]))
    thought = draw(st.sampled_from([0, 64]))
    choice = Choice(
        text=draw(st.none() | texts),
        refusal=draw(st.none() | texts),
        tool_calls=called,
        finish_reason="tool_calls" if called and ends == "stop" else ends,
        reasoning=thought,
    )
    usage = Usage(prompt=draw(counts), completion=draw(counts), cached=draw(counts), reasoning=thought)
    return Completion(
        mark=draw(marks), choices=(choice,), model=draw(texts), usage=usage, created=draw(counts), pace=draw(pace)
    )


paced = completions(st.just(Pace(first=2.0, per_token=0.5)))

MESSAGES = [
    "hello",
    [{"role": "user", "content": "hello in json"}],
    [
        {"role": "developer", "content": "be brief"},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "what"},
                {"type": "input_image", "image_url": "https://a.invalid/b.png"},
                {"type": "input_file", "file_id": "file-1", "filename": "a.pdf"},
            ],
        },
        {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "g"},
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "this", "annotations": []}],
        },
        {"type": "function_call", "call_id": "c1", "name": "look_up", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c2", "name": "write", "input": "x"},
        {"type": "function_call_output", "call_id": "c1", "output": [{"type": "input_text", "text": "4"}]},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "done"},
    ],
]
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
FORMATS = [
    {"type": "text"},
    {"type": "json_schema", "name": "answer", "schema": SCHEMA, "strict": True},
    {"type": "json_schema", "name": "answer", "schema": {"type": "object"}, "description": "d"},
]
CHOICES = [
    "auto",
    "none",
    "required",
    {"type": "function", "name": "look_up"},
    {"type": "custom", "name": "write"},
    {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look_up"}]},
]
HOSTED = [
    {"type": "web_search", "user_location": {"type": "approximate", "country": "IS"}},
    {"type": "file_search", "vector_store_ids": ["vs_1"], "max_num_results": 3},
    {"type": "code_interpreter", "container": {"type": "auto"}},
]
INCLUDED = ["message.output_text.logprobs", "reasoning.encrypted_content"]

bodies = st.fixed_dictionaries(
    {"model": texts, "input": st.sampled_from(MESSAGES), "tools": st.just([FUNCTION, CUSTOM, *HOSTED])},
    optional={
        "background": st.none() | st.booleans(),
        "include": st.lists(st.sampled_from(INCLUDED), max_size=2),
        "instructions": st.none() | texts,
        "max_output_tokens": st.none() | st.integers(16, 10_000),
        "max_tool_calls": st.none() | st.integers(1, 10),
        "metadata": st.none() | st.dictionaries(texts, texts, max_size=3),
        "parallel_tool_calls": st.none() | st.booleans(),
        "prompt_cache_key": st.none() | texts,
        "prompt_cache_options": st.just({"mode": "explicit"}),
        "prompt_cache_retention": st.sampled_from(["in_memory", "24h"]),
        "reasoning": st.none() | st.just({"effort": "low", "summary": "auto"}),
        "safety_identifier": st.none() | texts,
        "service_tier": st.sampled_from(["auto", "flex", "fast"]),
        "temperature": st.none() | st.floats(0, 2),
        "store": st.none() | st.booleans(),
        "text": st.fixed_dictionaries({}, optional={"format": st.sampled_from(FORMATS), "verbosity": st.just("low")}),
        "tool_choice": st.sampled_from(CHOICES),
        "top_logprobs": st.none() | st.integers(0, 20),
        "top_p": st.none() | st.floats(0, 1),
        "truncation": st.sampled_from(["auto", "disabled"]),
        "user": st.none() | texts,
    },
)
"""Bodies that are taken, where they name a model."""
bodies = bodies.filter(lambda body: not body.get("background") or body.get("store") is not False)
inquiries = bodies.map(lambda body: decode_inquiry({**body, "model": body["model"] or "m"}))
