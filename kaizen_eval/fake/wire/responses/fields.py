"""The fields of requests to the Responses API, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.fake.wire.chat.schemas import check_output_schema
from kaizen_eval.fake.wire.chat.tools import check_name
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.fields import (
    Check,
    anything,
    at,
    either,
    flag,
    items,
    missing,
    nullable,
    number,
    one_of,
    record,
    table,
    tagged,
    text,
    text_map,
    unknown,
    unspoken,
    whole,
)
from kaizen_eval.fake.wire.responses.items import check_item
from kaizen_eval.fake.wire.responses.tools import check_tool, check_tool_choice

__all__ = ["INCLUDABLE", "LEAST_OUTPUT_TOKENS", "check_counting", "check_creating"]

LEAST_OUTPUT_TOKENS = 16
"""What the real service asks for at least."""
INCLUDABLE = (
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
)
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_SUMMARIES = ("auto", "concise", "detailed")
_TIERS = ("auto", "default", "flex", "scale", "priority", "fast", "ultrafast")
_STEERING = text()

_NAMED_SCHEMA = record(
    {"type": anything, "name": check_name, "schema": table},
    {"description": nullable(text()), "strict": nullable(flag)},
)


def _schema(path: str, value: Mapping[str, Any]) -> None:
    """A format that is a schema; a strict one within what the service supports."""
    _NAMED_SCHEMA(path, value)
    if not value.get("strict"):
        return
    try:
        check_output_schema(value["name"], value["schema"])
    except Rejection as refused:
        raise Rejection(refused.message, param=at(path, "schema"), code="invalid_json_schema") from None


_FORMAT = tagged(
    {"text": record({"type": anything}), "json_object": record({"type": anything}), "json_schema": _schema}
)
_TEXT = record({}, {"format": nullable(_FORMAT), "verbosity": nullable(one_of("low", "medium", "high"))})
_REASONING = record(
    {},
    {
        "context": nullable(one_of("auto", "current_turn", "all_turns")),
        "effort": nullable(one_of(*_EFFORTS)),
        "generate_summary": nullable(one_of(*_SUMMARIES)),
        "mode": nullable(_STEERING),
        "summary": nullable(one_of(*_SUMMARIES)),
    },
)
_CACHING = record(
    {},
    {
        "comparison_response_id": nullable(text()),
        "mode": one_of("implicit", "explicit"),
        "prewarm": flag,
        "ttl": one_of("30m", "12h"),
    },
)
_ALWAYS: Mapping[str, Check] = {
    "conversation": unspoken("conversations; continue with previous_response_id"),
    "input": nullable(either("one of a string or array of objects", {str: anything, list: items(check_item)})),
    "instructions": nullable(text()),
    "model": nullable(text()),
    "parallel_tool_calls": nullable(flag),
    "previous_response_id": nullable(text()),
    "reasoning": nullable(_REASONING),
    "text": nullable(_TEXT),
    "tool_choice": nullable(check_tool_choice),
    "tools": nullable(items(check_tool)),
    "truncation": nullable(one_of("auto", "disabled")),
}
_CREATING: Mapping[str, Check] = {
    **_ALWAYS,
    "access_programs": nullable(record({"cyber": one_of("standard", "daybreak_blue", "daybreak_red")})),
    "background": nullable(flag),
    "background_options": unspoken("completion windows"),
    "context_management": unspoken("compaction"),
    "image": unspoken("compression of images"),
    "include": nullable(items(one_of(*INCLUDABLE), of="strings")),
    "max_output_tokens": nullable(whole(least=LEAST_OUTPUT_TOKENS)),
    "max_tool_calls": nullable(whole(least=1)),
    "metadata": nullable(text_map(most=16, longest_name=64, longest=512)),
    "moderation": unspoken("moderated responses"),
    "prompt": unspoken("stored prompts; send their text"),
    "prompt_cache_key": nullable(text()),
    "prompt_cache_options": nullable(_CACHING),
    "prompt_cache_retention": nullable(one_of("in_memory", "24h")),
    "safety_identifier": nullable(text(longest=128)),
    "service_tier": nullable(one_of(*_TIERS)),
    "store": nullable(flag),
    "stream": nullable(flag),
    "stream_options": nullable(record({}, {"include_obfuscation": flag})),
    "temperature": nullable(number(0, 2)),
    "top_logprobs": nullable(whole(0, 20)),
    "top_p": nullable(number(0, 1)),
    "user": nullable(text()),
}
_MOVED: Mapping[str, str] = {
    "max_completion_tokens": "max_output_tokens",
    "max_tokens": "max_output_tokens",
    "messages": "input",
    "reasoning_effort": "reasoning.effort",
    "response_format": "text.format",
    "verbosity": "text.verbosity",
}
"""Where what the Chat API calls so stands here."""
_COUNTING: Mapping[str, Check] = {**_ALWAYS, "personality": nullable(text())}


def check_creating(body: Mapping[str, Any]) -> None:
    """Refuse a body that `POST /responses` does not take."""
    _check(body, _CREATING)
    if body.get("model") is None:
        raise missing("model")
    if body.get("stream_options") is not None and not body.get("stream"):
        raise _only_with("stream_options", "stream")
    if body.get("background") and body.get("store") is False:
        raise _only_with("background", "store")


def check_counting(body: Mapping[str, Any]) -> None:
    """Refuse a body that `POST /responses/input_tokens` does not take."""
    _check(body, _COUNTING)


def _only_with(name: str, needed: str) -> Rejection:
    return Rejection(f"The '{name}' parameter is only allowed when '{needed}' is enabled.", param=name)


def _moved(name: str) -> Rejection:
    return Rejection(
        f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to '{_MOVED[name]}'. Try "
        "again with the new parameter. See the API documentation for more information: "
        "https://platform.openai.com/docs/api-reference/responses/create.",
        param=name,
        code="unsupported_parameter",
    )


def _check(body: Mapping[str, Any], fields: Mapping[str, Check]) -> None:
    for name, value in body.items():
        if name not in fields:
            raise _moved(name) if name in _MOVED else unknown(name)
        fields[name](name, value)
