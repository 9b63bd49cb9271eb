"""Usual requests: what the service has nothing against, told without writing it as it would be sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from kaizen_eval.fake.wire.chat.messages import LONGEST_ID
from kaizen_eval.fake.wire.chat.schemas import is_known_strict
from kaizen_eval.fake.wire.chat.tools import are_known
from kaizen_eval.messages import ChatRequest, Message, ToolCall

__all__ = ["is_usual"]

_NUMBERS = (int, float)
_SPEAKERS = frozenset({"system", "user", "assistant"})


def is_usual(request: ChatRequest) -> bool:
    """Whether there is surely nothing to refuse; most requests are such. The others need a closer look."""
    return (
        type(request.model) is str
        and request.model != ""
        and _is_conversation(request.messages)
        and _has_usual_settings(request)
    )


def _is_conversation(messages: Sequence[Message]) -> bool:
    """Whether each call of a tool is answered at once, in the order of the calls."""
    unanswered: Sequence[str] = ()
    for message in messages:
        if type(message.content) is not str:
            return False
        if message.role == "tool":
            if message.tool_calls or not unanswered or message.tool_call_id != unanswered[0]:
                return False
            unanswered = unanswered[1:]
        elif unanswered or not _is_said(message):
            return False
        elif message.tool_calls:
            unanswered = [call.id for call in message.tool_calls]
    return bool(messages) and not unanswered


def _is_said(message: Message) -> bool:
    if message.role not in _SPEAKERS or message.tool_call_id is not None:
        return False
    return not message.tool_calls or (message.role == "assistant" and _are_plain(message.tool_calls))


def _are_plain(calls: Collection[ToolCall]) -> bool:
    return len({call.id for call in calls}) == len(calls) and all(map(_is_plain, calls))


def _is_plain(call: ToolCall) -> bool:
    is_text = type(call.id) is str and type(call.name) is str and type(call.arguments) is str
    return is_text and len(call.id) <= LONGEST_ID


def _has_usual_settings(request: ChatRequest) -> bool:
    """Whatever else there is, is looked at as it would be sent."""
    if request.seed is not None or request.stop or not are_known(request.tools):
        return False
    most = request.max_tokens
    if most is not None and (type(most) is not int or most < 1):
        return False
    if not (_is_within(request.temperature, 2) and _is_within(request.top_p, 1)):
        return False
    if request.output_mode == "schema":
        return is_known_strict(request.output_schema)
    return request.output_mode == "text" or _speaks_of_json(request.messages)


def _is_within(value: float | None, most: float) -> bool:
    return value is None or (type(value) in _NUMBERS and 0 <= value <= most)


def _speaks_of_json(messages: Iterable[Message]) -> bool:
    return any("json" in message.content.lower() for message in messages)
