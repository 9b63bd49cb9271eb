"""Models that call tools, as tests of the loop script them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from doubles import BILLED, Scripted

from kaizen_eval.messages import ChatReply, Message, ToolCall, Usage
from kaizen_eval.resilience.clock import virtual_time

__all__ = ["asked_for", "calling", "fails", "on_virtual_time", "requested", "shown", "tool_said"]


def calling(*calls: ToolCall, text: str | None = None, usage: Usage = BILLED) -> ChatReply:
    """A reply that calls tools, alone or beside a text."""
    return ChatReply(text=text, tool_calls=calls, finish_reason="tool_calls", usage=usage)


def requested(name: str, number: int = 1, /, **arguments: Any) -> ToolCall:
    """A call of this tool whose id is its name and the number."""
    return ToolCall(id=f"{name}-{number}", name=name, arguments=json.dumps(arguments))


def asked_for(*calls: ToolCall, text: str = "") -> Message:
    """The model's message that made these calls, as later requests repeat it."""
    return Message("assistant", text, tool_calls=calls)


def tool_said(call: ToolCall, content: str) -> Message:
    return Message("tool", content, tool_call_id=call.id)


def shown(provider: Scripted, number: int = -1) -> list[Message]:
    """A request's messages after the system message."""
    return [message for message in provider.requests[number].messages if message.role != "system"]


def on_virtual_time(coroutine: Any) -> tuple[Any, float]:
    """The coroutine's result and the virtual seconds that it took."""
    with virtual_time() as clock:
        return clock.run(coroutine), clock.elapsed


def fails(coroutine: Any) -> tuple[BaseException, float]:
    """The error that the coroutine ends with, and the virtual seconds after which it came."""
    with virtual_time() as clock:
        try:
            result: Mapping[str, Any] = clock.run(coroutine)
        except Exception as error:  # noqa: BLE001 - whatever it is, a test looks at it
            return error, clock.elapsed
    raise AssertionError(f"It did not fail: {result}")
