"""OpenAI's Chat Completions as a server sees them: request bodies in, completion and error bodies out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from kaizen_eval.fake.completion import Choice, Completion
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.messages import ChatRequest, Message, OutputMode, Role, ToolCall, Usage

__all__ = ["decode_inquiry", "encode_completion"]

_NO_HEADERS: Mapping[str, str] = {}
_ROLES: Mapping[str, Role] = {role: role for role in get_args(Role)} | {"developer": "system", "function": "tool"}


def decode_inquiry(
    body: object,
    *,
    model: str | None = None,
    headers: Mapping[str, str] = _NO_HEADERS,
    session_id: str | None = None,
    agent_id: str | None = None,
) -> Inquiry:
    """The inquiry in a decoded JSON body; `model` stands in when it names none, the ids are not the body's.

    Raises:
        Rejection: the body is no chat request; the message says where and why, as the real service would.
    """
    data = _mapping("the body", body)
    mode, schema = _response_format(data.get("response_format"))
    max_tokens = data.get("max_completion_tokens")
    request = ChatRequest(
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
    return Inquiry(request=request, body=data, headers=headers)


def encode_completion(completion: Completion, inquiry: Inquiry) -> dict[str, Any]:  # noqa: ARG001 - logprobs to come
    """The body of a `chat.completion`."""
    return {
        "id": f"chatcmpl-{completion.mark}",
        "object": "chat.completion",
        "created": completion.created,
        "model": completion.model,
        "choices": [
            {"index": index, "message": _encoded(choice), "logprobs": None, "finish_reason": choice.finish_reason}
            for index, choice in enumerate(completion.choices)
        ],
        "usage": _encoded_usage(completion.usage),
        "system_fingerprint": "fp_fake",
    }


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


def _encoded(choice: Choice) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": choice.text, "refusal": choice.refusal}
    if choice.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in choice.tool_calls
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


def _malformed(message: str) -> Rejection:
    return Rejection(message)
