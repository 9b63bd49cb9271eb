"""Turns and the names of sessions as bytes, and back without any loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kaizen_eval.memory.base import Turn
from kaizen_eval.messages import Message, ToolCall

__all__ = ["name_bytes", "turn_bytes", "turn_of"]

_ENCODING = ("utf-8", "surrogatepass")
"""Half a surrogate pair, which a cut stream may leave in a text, is kept as it is."""


def name_bytes(session_id: str) -> bytes:
    return session_id.encode(*_ENCODING)


def turn_bytes(turn: Turn) -> bytes:
    """JSON: a list of the messages, without what is empty."""
    messages = [_written(message) for message in turn.messages]
    return json.dumps(messages, ensure_ascii=False, separators=(",", ":")).encode(*_ENCODING)


def turn_of(data: bytes) -> Turn:
    """What `turn_bytes` was given.

    Raises:
        ValueError: that cannot have been its result.
    """
    try:
        return Turn(tuple(_message(written) for written in json.loads(data.decode(*_ENCODING))))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"no turn of a session: {error!r}") from error


def _written(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        written["tool_calls"] = [[call.id, call.name, call.arguments] for call in message.tool_calls]
    if message.tool_call_id is not None:
        written["tool_call_id"] = message.tool_call_id
    return written


def _message(written: Mapping[str, Any]) -> Message:
    calls = tuple(ToolCall(*call) for call in written.get("tool_calls", ()))
    return Message(written["role"], written["content"], calls, written.get("tool_call_id"))
