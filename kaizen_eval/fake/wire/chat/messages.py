"""Messages of a chat request: which are taken, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kaizen_eval.fake.inquiry import Attachment
from kaizen_eval.fake.wire.chat.tools import check_name
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.fields import (
    Check,
    anything,
    either,
    items,
    missing,
    nullable,
    one_of,
    record,
    refused_value,
    table,
    tagged,
    text,
    unspoken,
    wrong_type,
)
from kaizen_eval.messages import Message, Role, ToolCall

__all__ = ["TEXT_PARTS", "Conversation", "check_messages", "conversation"]

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "assistant": "assistant",
    "user": "user",
    "function": "tool",
    "tool": "tool",
    "developer": "system",
}
"""In the order in which the service names them."""
_PLAIN: Mapping[str, Role] = {role: _ROLES[role] for role in ("user", "system", "assistant", "developer")}
"""Of those, a role and a text is all that there need be."""
_LONGEST_ID = 40
_TEXT_OR_PARTS = "one of a string or array of objects"

_BREAKPOINT = nullable(record({"mode": one_of("explicit")}, {"ttl": one_of("30m", "12h")}))
_CACHED: Mapping[str, Check] = {"prompt_cache_breakpoint": _BREAKPOINT}


def _url(path: str, value: object) -> None:
    text()(path, value)
    if not str(value).startswith(("http://", "https://", "data:image/")):
        raise Rejection(
            f"Invalid '{path}'. Expected a valid URL, but got a value with an invalid format.",
            param=path,
            code="invalid_value",
        )


_IMAGE = record({"url": _url}, {"detail": nullable(one_of("auto", "low", "high", "original"))})
_AUDIO = record({"data": text(), "format": one_of("wav", "mp3")})
_FILE = record({}, {"file_data": nullable(text()), "file_id": nullable(text()), "filename": nullable(text())})
_PARTS: Mapping[str, Check] = {
    "text": record({"type": anything, "text": text()}, _CACHED),
    "image_url": record({"type": anything, "image_url": _IMAGE}, _CACHED),
    "input_audio": record({"type": anything, "input_audio": _AUDIO}, _CACHED),
    "refusal": record({"type": anything, "refusal": text()}),
    "audio": unspoken("audio that the model spoke"),
    "file": record({"type": anything, "file": _FILE}, _CACHED),
}
"""In the order in which the service names them."""
_OF_USERS = {
    "image_url": ("Image URLs are", "an image URL"),
    "input_audio": ("Audio inputs are", "an audio input"),
    "file": ("Files are", "a file"),
}
_PART = tagged(_PARTS)
_CONTENT: Check = either(_TEXT_OR_PARTS, {str: anything, list: items(_PART), type(None): anything})
"""null is refused later, where nothing stands for it."""
TEXT_PARTS: Check = either(_TEXT_OR_PARTS, {str: anything, list: items(tagged({"text": _PARTS["text"]}))})

_CALLED = record({"name": text(), "arguments": text()})
_CALLS: Mapping[str, Check] = {
    "function": record({"id": text(longest=_LONGEST_ID), "type": anything, "function": _CALLED}),
    "custom": record(
        {"id": text(longest=_LONGEST_ID), "type": anything, "custom": record({"name": text(), "input": text()})}
    ),
}
_COMMON: Mapping[str, Check] = {"content": _CONTENT, "name": nullable(check_name)}
_FIELDS: Mapping[str, Mapping[str, Check]] = {
    "assistant": {
        "refusal": nullable(text()),
        "audio": nullable(record({"id": text()})),
        "tool_calls": nullable(items(tagged(_CALLS), least=1)),
        "function_call": nullable(_CALLED),
        "annotations": nullable(items(table)),  # no parameter, but taken: clients send back what they were sent
        "provider_specific_fields": anything,  # nor is this: what LiteLLM adds to a reply, its tool loops send back
    },
    "tool": {"tool_call_id": nullable(text(longest=_LONGEST_ID))},
}
_MESSAGES: Mapping[str, Check] = {
    role: record({"role": anything}, {**_COMMON, **_FIELDS.get(role, {})}) for role in _ROLES
} | {"function": record({"role": anything, "name": check_name}, {"content": _CONTENT})}


def check_messages(path: str, value: object) -> None:
    """Refuse what is no conversation; whether its messages go together is looked at once each is in order."""
    if not isinstance(value, list):
        raise wrong_type(path, "an array of objects", value)
    if not value:
        items(table, least=1)(path, value)
    for place, message in enumerate(value):
        if not _is_plain(message):
            _check_message(f"{path}[{place}]", message)


def _is_plain(message: object) -> bool:
    """A role and a text, as most messages are; what is said of them holds for it without a closer look."""
    if type(message) is not dict or len(message) != 2:
        return False
    role, content = message.get("role"), message.get("content")
    return type(content) is str and type(role) is str and role in _PLAIN


def _check_message(path: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise wrong_type(path, "an object", value)
    if "role" not in value:
        raise missing(f"{path}.role")
    role = value["role"]
    if not isinstance(role, str):
        raise wrong_type(f"{path}.role", f"one of {', '.join(map(repr, _ROLES))}", role)
    if role not in _ROLES:
        raise refused_value(f"{path}.role", role, tuple(_ROLES))
    _MESSAGES[role](path, value)
    for part in _parts(value):
        _check_place(path, role, part["type"])


def _check_place(path: str, role: str, kind: str) -> None:
    """Refuse a part that no message of this role holds."""
    if kind in _OF_USERS and role != "user":
        what, held = _OF_USERS[kind]
        raise Rejection(
            f"Invalid '{path}'. {what} only allowed for messages with role 'user', but this message with role '{role}' "
            f"contains {held}.",
            param=path,
            code="invalid_value",
        )
    if kind == "refusal" and role != "assistant":
        raise Rejection(
            f"Invalid '{path}'. Refusals are only allowed for messages with role 'assistant', but this message with "
            f"role '{role}' contains a refusal.",
            param=path,
            code="invalid_value",
        )


class Conversation(NamedTuple):
    """What the messages of a request hold."""

    messages: tuple[Message, ...]
    attachments: tuple[Attachment, ...] = ()


def conversation(items: Sequence[Mapping[str, Any]]) -> Conversation:
    """What checked messages say; text parts are joined.

    Raises:
        Rejection: they do not go together.
    """
    if all(map(_is_plain, items)):
        return Conversation(tuple([Message(_PLAIN[item["role"]], item["content"]) for item in items]))
    _check_conversation(items)
    attached = [_attachment(part) for item in items for part in _parts(item) if part["type"] in _OF_USERS]
    return Conversation(tuple(map(_decoded, items)), tuple(attached))


def _decoded(item: Mapping[str, Any]) -> Message:
    return Message(
        _ROLES[item["role"]],
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


def _parts(item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    content = item.get("content")
    return content if isinstance(content, list) else ()


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
