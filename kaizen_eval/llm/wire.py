"""The Chat Completions wire format: requests to JSON bodies, JSON bodies to replies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kaizen_eval.errors import BadResponse, UsageError
from kaizen_eval.llm.shapes import WrongShapeError, count, optional, the, unreadable, words_of
from kaizen_eval.messages import ChatReply, ChatRequest, FinishReason, Message, ToolCall, Usage

__all__ = [
    "AGENT_HEADER",
    "RUN_HEADER",
    "SESSION_HEADER",
    "check_whole",
    "check_writable",
    "decode_body",
    "decode_reply",
    "encode_request",
    "finish_reason_of",
    "journal_headers",
    "usage_of",
]

SESSION_HEADER = "x-kaizen-session"
AGENT_HEADER = "x-kaizen-agent"
RUN_HEADER = "x-kaizen-run"

_SCHEMA_NAME = "reply"
_FINISH_REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "end_turn": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}
"""OpenAI's own words, and what compatible services say instead; compared in lower case."""


def encode_request(request: ChatRequest) -> dict[str, Any]:
    """The body of a request: what is set and nothing else; never `session_id` and `agent_id`."""
    settings = {
        "model": request.model,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_completion_tokens": request.max_tokens,
        "seed": request.seed,
    }
    body: dict[str, Any] = {name: value for name, value in settings.items() if value is not None}
    body["messages"] = [_message(message) for message in request.messages]
    if request.stop:
        body["stop"] = list(request.stop)
    if request.tools:
        body["tools"] = [dict(tool) for tool in request.tools]
    if request.stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    return body | _response_format(request)


def check_whole(request: ChatRequest) -> None:
    """Refuse, with a UsageError, what `Provider.complete` does not read."""
    if request.stream:
        raise UsageError("complete() reads whole replies, and this request asks for a stream.")


def check_writable(body: Mapping[str, Any]) -> None:
    """Refuse, with a UsageError, a body that cannot be sent."""
    try:
        json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as wrong:
        raise UsageError(f"The request cannot be written as JSON in UTF-8: {wrong}.") from None


def journal_headers(request: ChatRequest, *, run_id: str | None = None) -> dict[str, str]:
    """Whose request this is, for a fake's journal: JSON strings, because ids may hold what headers cannot."""
    ids = {SESSION_HEADER: request.session_id, AGENT_HEADER: request.agent_id, RUN_HEADER: run_id}
    return {name: json.dumps(value) for name, value in ids.items() if value is not None}


def decode_body(body: bytes) -> ChatReply:
    """The reply in the body of a success response.

    Raises:
        BadResponse: saying what came instead of a chat completion.
    """
    if not body.strip():
        raise _bad("an empty body")
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        text = body.decode(errors="replace")
        raise _bad(unreadable(text, error), body=text) from error
    return decode_reply(data)


def decode_reply(data: object) -> ChatReply:
    """The first choice of a chat completion.

    A finish reason that nobody knows counts as "stop"; a completion without `usage` gets an all-zero Usage, which no
    real reply has.

    Raises:
        BadResponse: saying what came instead of a chat completion.
    """
    try:
        return _reply(the(dict, "the body", data))
    except WrongShapeError as wrong:
        raise _bad(str(wrong), body=data) from None


def finish_reason_of(choice: Mapping[str, Any]) -> FinishReason | None:
    """Why a choice has ended; None where it does not say. A reason that nobody knows counts as "stop".

    Raises:
        WrongShapeError: it is no text.
    """
    reason = optional(str, "finish_reason", choice)
    return _FINISH_REASONS.get(reason.lower(), "stop") if reason else None


def usage_of(data: Mapping[str, Any]) -> Usage | None:
    """What a body, or an event, says was billed; None where it does not say.

    Raises:
        WrongShapeError: no such thing as it says.
    """
    usage = optional(dict, "usage", data)
    if usage is None:
        return None
    return Usage(
        prompt=count("prompt_tokens", usage),
        completion=count("completion_tokens", usage),
        cached=count("cached_tokens", optional(dict, "prompt_tokens_details", usage) or {}),
        reasoning=count("reasoning_tokens", optional(dict, "completion_tokens_details", usage) or {}),
    )


def _bad(came: str, *, body: object = None) -> BadResponse:
    return BadResponse(f"The provider answered with {came}, not with a chat completion.", body=body)


def _message(message: Message) -> dict[str, Any]:
    encoded: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        encoded["tool_calls"] = [_encoded_call(call) for call in message.tool_calls]
    if message.tool_call_id is not None:
        encoded["tool_call_id"] = message.tool_call_id
    return encoded


def _encoded_call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _response_format(request: ChatRequest) -> dict[str, Any]:
    if request.output_mode == "schema" and request.output_schema is not None:
        schema = {"name": _SCHEMA_NAME, "schema": dict(request.output_schema), "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}
    if request.output_mode == "json":
        return {"response_format": {"type": "json_object"}}
    return {}


def _reply(data: Mapping[str, Any]) -> ChatReply:
    if data.get("error") is not None:
        raise WrongShapeError(f"an error{words_of(data['error'])}")
    choices = the(list, "choices", data.get("choices"))
    if not choices:
        raise WrongShapeError("an empty list of choices")
    choice = the(dict, "choices[0]", choices[0])
    message = the(dict, "choices[0].message", choice.get("message"))
    if not message.keys() & {"content", "refusal", "tool_calls"}:
        raise WrongShapeError("a message that holds neither content nor refusal nor tool_calls")
    return ChatReply(
        text=optional(str, "content", message),
        tool_calls=tuple(map(_tool_call, optional(list, "tool_calls", message) or ())),
        finish_reason=finish_reason_of(choice) or "stop",
        refusal=optional(str, "refusal", message),
        usage=usage_of(data) or Usage(),
        model=optional(str, "model", data),
        id=optional(str, "id", data),
    )


def _tool_call(data: object) -> ToolCall:
    call = the(dict, "a tool call", data)
    function = the(dict, "a tool call's function", call.get("function"))
    return ToolCall(
        id=the(str, "a tool call's id", call.get("id")),
        name=the(str, "a function's name", function.get("name")),
        arguments=the(str, "a function's arguments", function.get("arguments")),
    )
