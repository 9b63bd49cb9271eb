"""The conversation of a chat request: whether its messages go together, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kaizen_eval.fake.inquiry import Attachment
from kaizen_eval.fake.wire.chat.messages import ATTACHED, PLAIN_ROLES, ROLES, is_plain, parts_of
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.messages import Message, ToolCall

__all__ = ["Conversation", "conversation"]


class Conversation(NamedTuple):
    """What the messages of a request hold."""

    messages: tuple[Message, ...]
    attachments: tuple[Attachment, ...] = ()


def conversation(items: Sequence[Mapping[str, Any]]) -> Conversation:
    """What checked messages say; text parts are joined.

    Raises:
        Rejection: they do not go together.
    """
    if all(map(is_plain, items)):
        return Conversation(tuple([Message(PLAIN_ROLES[item["role"]], item["content"]) for item in items]))
    _check_conversation(items)
    attached = [_attachment(part) for item in items for part in parts_of(item) if part["type"] in ATTACHED]
    return Conversation(tuple(map(_decoded, items)), tuple(attached))


def _decoded(item: Mapping[str, Any]) -> Message:
    return Message(
        ROLES[item["role"]],
        _said(item),
        tuple(_call(call) for call in item.get("tool_calls") or _old_call(item)),
        item.get("tool_call_id"),
    )


def _said(item: Mapping[str, Any]) -> str:
    content = item.get("content")
    if isinstance(content, str):
        return content
    spoken = "".join(part.get("text", part.get("refusal", "")) for part in content or ())
    return spoken or item.get("refusal") or ""


def _old_call(item: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    function = item.get("function_call")
    return () if function is None else ({"id": "", "type": "function", "function": function},)


def _call(call: Mapping[str, Any]) -> ToolCall:
    called = call[call["type"]]
    return ToolCall(call["id"], called["name"], called["arguments" if call["type"] == "function" else "input"])


def _attachment(part: Mapping[str, Any]) -> Attachment:
    match part:
        case {"type": "image_url", "image_url": image}:
            return Attachment("image", image["url"], image.get("detail") or "auto")
        case {"type": "input_audio", "input_audio": audio}:
            return Attachment("audio", audio["data"], audio["format"])
        case _:
            file = part["file"]
            return Attachment("file", file.get("file_data") or file.get("file_id") or "", file.get("filename") or "")


def _check_conversation(items: Sequence[Mapping[str, Any]]) -> None:
    """Refuse checked messages that do not go together: what is not said, calls and answers without the other."""
    for place, item in enumerate(items):
        if item.get("content") is None and not _is_said_otherwise(item):
            raise Rejection(
                "Invalid value for 'content': expected a string, got null.", param=f"messages.[{place}].content"
            )
    open_calls: list[str] = []
    answered: set[str] = set()
    for place, item in enumerate(items):
        if item["role"] == "tool":
            _check_answer(place, item, open_calls, answered)
            answered.add(item["tool_call_id"])
            continue
        _check_all_answered(place, open_calls, answered)
        open_calls, answered = list(_call_ids(place, item)), set()
    _check_all_answered(len(items), open_calls, answered)


def _is_said_otherwise(item: Mapping[str, Any]) -> bool:
    """Whether something stands for the content that a message has not."""
    if item["role"] == "function":
        return "content" in item
    stands_in = ("tool_calls", "function_call", "refusal", "audio")
    return item["role"] == "assistant" and any(item.get(name) is not None for name in stands_in)


def _call_ids(place: int, item: Mapping[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for call in item.get("tool_calls") or ():
        if call["id"] in seen:
            raise Rejection(
                f"Duplicate value for 'tool_call_id' of '{call['id']}' in message[{place}]",
                param=f"messages.[{place}].tool_calls",
            )
        seen.add(call["id"])
        yield call["id"]


def _check_answer(place: int, item: Mapping[str, Any], open_calls: list[str], answered: set[str]) -> None:
    where = f"messages.[{place}]"
    if not open_calls:
        raise Rejection(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
            "'tool_calls'.",
            param=f"{where}.role",
        )
    call_id = item.get("tool_call_id")
    if call_id is None:
        raise Rejection(
            "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.",
            param=f"{where}.tool_call_id",
        )
    if call_id not in open_calls:
        raise Rejection(
            f"Invalid parameter: 'tool_call_id' of '{call_id}' not found in 'tool_calls' of previous message.",
            param=f"{where}.tool_call_id",
        )
    if call_id in answered:
        raise Rejection(
            f"Duplicate value for 'tool_call_id' of '{call_id}' in message[{place}]", param=f"{where}.tool_call_id"
        )


def _check_all_answered(place: int, open_calls: list[str], answered: set[str]) -> None:
    if unanswered := [call_id for call_id in open_calls if call_id not in answered]:
        raise Rejection(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'. The following tool_call_ids did not have response messages: " + ", ".join(unanswered),
            param=f"messages.[{place}].role",
        )
