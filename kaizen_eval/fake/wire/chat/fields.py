"""The fields of a chat request, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.fake.wire.chat.messages import TEXT_PARTS, check_messages
from kaizen_eval.fake.wire.chat.tools import FUNCTION_CALL, FUNCTIONS, TOOL_CHOICE, check_name, check_tools
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.fields import (
    Check,
    anything,
    either,
    flag,
    items,
    missing,
    nullable,
    number,
    one_of,
    record,
    refused_value,
    table,
    tagged,
    text,
    text_map,
    unknown,
    unspoken,
    whole,
    wrong_type,
)

__all__ = ["TIERS", "check_fields"]

TIERS: Mapping[str | None, str] = {
    None: "default",
    "auto": "default",
    "default": "default",
    "fast": "priority",
    "flex": "flex",
    "priority": "priority",
}
"""What a `service_tier` that is asked for becomes in the response."""
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_MOST_STOPS = 4
_INT64 = 2**63


def _model(path: str, value: object) -> None:
    text()(path, value)
    if not value:
        raise Rejection("you must provide a model parameter")


def _bias(path: str, value: object) -> None:
    table(path, value)
    for token, bias in value.items():  # type: ignore[attr-defined]  # a table has been checked to be one
        if not token.isascii() or not token.isdigit():
            raise Rejection(
                f"Invalid key in '{path}': {token}. You should only be submitting non-negative integers.", param=path
            )
        number(-100, 100)(f"{path}.{token}", bias)


_NAMED_SCHEMA = record(
    {"name": check_name, "schema": table}, {"description": nullable(text()), "strict": nullable(flag)}
)
_FORMATS: Mapping[str, Check] = {
    "json_object": record({"type": anything}),
    "json_schema": record({"type": anything, "json_schema": _NAMED_SCHEMA}),
    "text": record({"type": anything}),
}


def _modality(path: str, value: object) -> None:
    if value not in ("text", "audio"):
        raise refused_value(path, value, ("text", "audio"))
    if value == "audio":
        unspoken("speech; ask for text")(path, value)


_CACHING = record({}, {"mode": one_of("implicit", "explicit"), "ttl": one_of("30m")})
_PLACE = record({"type": one_of("approximate"), "approximate": table})
_SEARCHING = record(
    {}, {"search_context_size": nullable(one_of("low", "medium", "high")), "user_location": nullable(_PLACE)}
)
_STREAMING = record({}, {"include_usage": nullable(flag), "include_obfuscation": nullable(flag)})

_REQUIRED: Mapping[str, Check] = {"model": _model, "messages": check_messages}
_OPTIONAL: Mapping[str, Check] = {
    "functions": FUNCTIONS,
    "tools": check_tools,
    "function_call": FUNCTION_CALL,
    "tool_choice": TOOL_CHOICE,
    "parallel_tool_calls": flag,
    "max_tokens": whole(1),
    "max_completion_tokens": whole(1),
    "n": whole(1, 128),
    "stop": either(
        "one of a string or array of strings",
        {str: anything, list: items(text(), least=1, most=_MOST_STOPS, of="strings")},
    ),
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "presence_penalty": number(-2, 2),
    "frequency_penalty": number(-2, 2),
    "logit_bias": _bias,
    "logprobs": flag,
    "top_logprobs": whole(0, 20),
    "user": text(),
    "seed": whole(-_INT64, _INT64 - 1),
    "safety_identifier": text(longest=128),
    "prompt_cache_options": _CACHING,
    "prompt_cache_key": text(longest=64),
    "prompt_cache_retention": one_of("in_memory", "24h"),
    "service_tier": one_of("auto", "default", "fast", "flex", "priority"),
    "stream": flag,
    "stream_options": _STREAMING,
    "store": flag,
    "metadata": text_map(most=16, longest_name=64, longest=512),
    "response_format": tagged(_FORMATS),
    "reasoning_effort": one_of(*_EFFORTS),
    "prediction": record({"type": one_of("content"), "content": TEXT_PARTS}),
    "web_search_options": _SEARCHING,
    "modalities": items(_modality, least=1, of="strings"),
    "audio": unspoken("speech; ask for text"),
    "moderation": unspoken("moderated completions"),
    "verbosity": one_of("low", "medium", "high"),
}
"""In the order in which the service looks at them, as far as that is known; each may be null."""
_FIELDS: Mapping[str, Check] = {**_REQUIRED, **{name: nullable(check) for name, check in _OPTIONAL.items()}}


def check_fields(body: object) -> Mapping[str, Any]:
    """The body, if it has the fields of a chat request and each holds what it may.

    Raises:
        Rejection: it has not; of several faults it names the one that the service finds first.
    """
    if not isinstance(body, Mapping):
        raise wrong_type("body", "an object", body)
    try:
        for name, value in body.items():
            _FIELDS[name](name, value)
    except (KeyError, Rejection):
        _find_first_fault(body)
        raise
    if "model" not in body or "messages" not in body:
        _find_first_fault(body)
    return body


def _find_first_fault(body: Mapping[str, Any]) -> None:
    if "model" not in body:
        raise Rejection("you must provide a model parameter")
    if "messages" not in body:
        raise missing("messages")
    for name in body:
        if name not in _FIELDS:
            raise unknown(name)
    for name, check in _FIELDS.items():
        if name in body:
            check(name, body[name])
