"""What a recorded response says, as a reply that the fake can say again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.fake.reply import Reply
from kaizen_eval.messages import FinishReason, ToolCall
from kaizen_eval.recording.conversation.answers import spent
from kaizen_eval.recording.conversation.looking import json_of, mapping, mappings, text
from kaizen_eval.recording.conversation.streams import assembled, events
from kaizen_eval.recording.exchange import RecordedResponse, media_type

__all__ = ["body_of", "is_stream", "spoken_of"]

_REASONS: Mapping[str, FinishReason] = {
    "content_filter": "content_filter",
    "function_call": "tool_calls",
    "length": "length",
    "max_output_tokens": "length",
    "tool_calls": "tool_calls",
}
"""In either API; what is not named here ends a reply as usual."""


def is_stream(response: RecordedResponse) -> bool:
    return media_type(response.headers) == "text/event-stream"


def body_of(response: RecordedResponse) -> Any:
    """Its JSON, streams put together; None where it has none."""
    if is_stream(response):
        return assembled(events(response.body.data))
    return json_of(response.body.data)


def spoken_of(response: RecordedResponse) -> Reply | None:
    """The first choice of a chat, or the output of a response, with what it took; None where nothing was said."""
    body = body_of(response)
    if not isinstance(body, Mapping):
        return None
    if mappings(body.get("choices")):
        return _chosen(body, mappings(body["choices"])[0])
    return _put_out(body) if isinstance(body.get("output"), list) else None


def _chosen(body: Mapping[str, Any], choice: Mapping[str, Any]) -> Reply | None:
    if not isinstance(choice.get("message"), Mapping):
        return None
    message = choice["message"]
    calls = tuple(_call(call, mapping(call.get("function"))) for call in mappings(message.get("tool_calls")))
    said = {name: message[name] for name in ("content", "refusal") if isinstance(message.get(name), str)}
    return _reply(body, said.get("content"), said.get("refusal"), calls, text(choice.get("finish_reason")))


def _put_out(body: Mapping[str, Any]) -> Reply:
    items = mappings(body["output"])
    blocks = [block for item in items if item.get("type") == "message" for block in mappings(item.get("content"))]
    said = [text(block.get("text")) for block in blocks if block.get("type") == "output_text"]
    refused = [text(block.get("refusal")) for block in blocks if block.get("type") == "refusal"]
    calls = tuple(_call({"id": item.get("call_id")}, item) for item in items if item.get("type") == "function_call")
    reason = text(mapping(body.get("incomplete_details")).get("reason"))
    return _reply(body, "".join(said) if said else None, "".join(refused) if refused else None, calls, reason)


def _call(call: Mapping[str, Any], function: Mapping[str, Any]) -> ToolCall:
    return ToolCall(text(call.get("id")), text(function.get("name")), text(function.get("arguments")))


def _reply(
    body: Mapping[str, Any], said: str | None, refusal: str | None, calls: tuple[ToolCall, ...], reason: str
) -> Reply:
    finish = _REASONS.get(reason, "stop")
    return Reply(said, refusal=refusal or None, tool_calls=calls, usage=spent(body), finish_reason=finish)
