"""OpenAI's Chat Completions as a server sees them: request bodies in, completion and error bodies out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from kaizen_eval.errors import RequestRejected, UsageError
from kaizen_eval.messages import ChatReply, ChatRequest, Message, OutputMode, Role, ToolCall, Usage

__all__ = ["CREATED", "check_spoken", "decode_request", "encode_error", "encode_reply"]

CREATED = 1_735_689_600
"""When every completion of the fake was made, in seconds since the epoch: the same in each run."""

_ROLES: Mapping[str, Role] = {role: role for role in get_args(Role)} | {"developer": "system", "function": "tool"}
_UNSPOKEN: Mapping[str, tuple[str, Callable[[Any], object]]] = {
    "stream": ("a stream", bool),
    "n": ("several choices (n)", lambda n: n != 1),
    "logprobs": ("logprobs", bool),
    "modalities": ("audio", lambda kinds: kinds != ["text"]),
    "functions": ("functions (say tools)", bool),
}
"""Fields that would give the answer another shape: what they ask for, and whether a value that is not null does."""


def decode_request(
    body: object, *, model: str | None = None, session_id: str | None = None, agent_id: str | None = None
) -> ChatRequest:
    """The request in a decoded JSON body; `model` stands in when it names none, the ids are not the body's.

    Raises:
        RequestRejected: the body is no chat request; the message says where and why, as a provider would.
    """
    data = _mapping("the body", body)
    mode, schema = _response_format(data.get("response_format"))
    max_tokens = data.get("max_completion_tokens")
    return ChatRequest(
        model=_text_or_none("model", data.get("model")) or model,
        messages=tuple(map(_message, _items("messages", data.get("messages")))),
        output_schema=schema,
        output_mode=mode,
        tools=tuple(_mapping("tools[]", tool) for tool in _items("tools", data.get("tools") or ())),
        temperature=data.get("temperature"),
        top_p=data.get("top_p"),
        max_tokens=data.get("max_tokens") if max_tokens is None else max_tokens,
        seed=data.get("seed"),
        stop=_stops(data.get("stop")),
        stream=bool(data.get("stream")),
        session_id=session_id,
        agent_id=agent_id,
    )


def check_spoken(body: Mapping[str, Any]) -> None:
    """Refuse, with a UsageError, to answer in a shape that was not asked for."""
    wanted = [what for name, (what, asks) in _UNSPOKEN.items() if body.get(name) is not None and asks(body[name])]
    if wanted:
        raise UsageError(
            f"The request asks for {' and '.join(wanted)}, which the fake LLM does not speak: it answers with one "
            "whole completion. Ask without."
        )


def encode_reply(reply: ChatReply) -> dict[str, Any]:
    """The body of a `chat.completion`."""
    return {
        "id": reply.id,
        "object": "chat.completion",
        "created": CREATED,
        "model": reply.model,
        "choices": [
            {"index": 0, "message": _encoded(reply), "logprobs": None, "finish_reason": reply.finish_reason},
        ],
        "usage": _encoded_usage(reply.usage),
        "system_fingerprint": "fp_fake",
    }


def encode_error(message: str, *, kind: str, code: str | None = None, param: str | None = None) -> bytes:
    """The body of an error, as OpenAI writes it."""
    return json.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}}).encode()


def _message(body: object) -> Message:
    data = _mapping("messages[]", body)
    role = _ROLES.get(data.get("role", ""))
    if role is None:
        raise _malformed(f"Invalid value {data.get('role')!r} for messages[].role. It is one of {', '.join(_ROLES)}.")
    return Message(
        role,
        _content(data.get("content")),
        tuple(_tool_call(call) for call in _items("tool_calls", data.get("tool_calls") or ())),
        _text_or_none("tool_call_id", data.get("tool_call_id")),
    )


def _content(content: object) -> str:
    """Text; the text parts of a list of parts, joined; nothing for null."""
    if content is None or isinstance(content, str):
        return content or ""
    parts = (_mapping("content[]", part) for part in _items("content", content))
    return "".join(str(part.get("text", "")) for part in parts if part.get("type") == "text")


def _tool_call(body: object) -> ToolCall:
    data = _mapping("tool_calls[]", body)
    function = _mapping("tool_calls[].function", data.get("function"))
    return ToolCall(str(data.get("id", "")), str(function.get("name", "")), str(function.get("arguments", "")))


def _response_format(body: object) -> tuple[OutputMode, Mapping[str, Any] | None]:
    if body is None:
        return "text", None
    data = _mapping("response_format", body)
    if data.get("type") == "json_schema":
        named = _mapping("response_format.json_schema", data.get("json_schema"))
        return "schema", _mapping("response_format.json_schema.schema", named.get("schema"))
    return ("json" if data.get("type") == "json_object" else "text"), None


def _stops(body: object) -> tuple[str, ...]:
    return (body,) if isinstance(body, str) else tuple(map(str, _items("stop", body or ())))


def _encoded(reply: ChatReply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    if reply.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in reply.tool_calls
        ]
    return message


def _encoded_usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _malformed(f"Invalid type for {name}: expected an object, but got {value!r}.")
    return value


def _items(name: str, value: object) -> Iterable[object]:
    if not isinstance(value, list | tuple):
        raise _malformed(f"Invalid type for {name}: expected an array, but got {value!r}.")
    return value


def _text_or_none(name: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _malformed(f"Invalid type for {name}: expected a string, but got {value!r}.")
    return value


def _malformed(message: str) -> RequestRejected:
    return RequestRejected(message, status=400)
