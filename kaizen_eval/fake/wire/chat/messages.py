"""Messages of a chat request: which are taken, each by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
from kaizen_eval.messages import Role

__all__ = ["ATTACHED", "LONGEST_ID", "PLAIN_ROLES", "ROLES", "TEXT_PARTS", "check_messages", "is_plain", "parts_of"]

ROLES: Mapping[str, Role] = {
    "system": "system",
    "assistant": "assistant",
    "user": "user",
    "function": "tool",
    "tool": "tool",
    "developer": "system",
}
"""In the order in which the service names them."""
PLAIN_ROLES: Mapping[str, Role] = {role: ROLES[role] for role in ("user", "system", "assistant", "developer")}
"""Of those, a role and a text is all that there need be."""
LONGEST_ID = 40
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
ATTACHED = {
    "image_url": ("Image URLs are", "an image URL"),
    "input_audio": ("Audio inputs are", "an audio input"),
    "file": ("Files are", "a file"),
}
"""Parts that only users send, in the words of the service."""
_PART = tagged(_PARTS)
_CONTENT: Check = either(_TEXT_OR_PARTS, {str: anything, list: items(_PART), type(None): anything})
"""null is refused later, where nothing stands for it."""
TEXT_PARTS: Check = either(_TEXT_OR_PARTS, {str: anything, list: items(tagged({"text": _PARTS["text"]}))})

_CALLED = record({"name": text(), "arguments": text()})
_CALLS: Mapping[str, Check] = {
    "function": record({"id": text(longest=LONGEST_ID), "type": anything, "function": _CALLED}),
    "custom": record(
        {"id": text(longest=LONGEST_ID), "type": anything, "custom": record({"name": text(), "input": text()})}
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
    "tool": {"tool_call_id": nullable(text(longest=LONGEST_ID))},
}
_MESSAGES: Mapping[str, Check] = {
    role: record({"role": anything}, {**_COMMON, **_FIELDS.get(role, {})}) for role in ROLES
} | {"function": record({"role": anything, "name": check_name}, {"content": _CONTENT})}


def check_messages(path: str, value: object) -> None:
    """Refuse what is no conversation; whether its messages go together is looked at once each is in order."""
    if not isinstance(value, list):
        raise wrong_type(path, "an array of objects", value)
    if not value:
        items(table, least=1)(path, value)
    for place, message in enumerate(value):
        if not is_plain(message):
            _check_message(f"{path}[{place}]", message)


def is_plain(message: object) -> bool:
    """A role and a text, as most messages are; what is said of them holds for it without a closer look."""
    if type(message) is not dict or len(message) != 2:
        return False
    role, content = message.get("role"), message.get("content")
    return type(content) is str and type(role) is str and role in PLAIN_ROLES


def _check_message(path: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise wrong_type(path, "an object", value)
    if "role" not in value:
        raise missing(f"{path}.role")
    role = value["role"]
    if not isinstance(role, str):
        raise wrong_type(f"{path}.role", f"one of {', '.join(map(repr, ROLES))}", role)
    if role not in ROLES:
        raise refused_value(f"{path}.role", role, tuple(ROLES))
    _MESSAGES[role](path, value)
    for part in parts_of(value):
        _check_place(path, role, part["type"])


def _check_place(path: str, role: str, kind: str) -> None:
    """Refuse a part that no message of this role holds."""
    if kind in ATTACHED and role != "user":
        what, held = ATTACHED[kind]
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


def parts_of(item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Of a message's content; none where it is a text."""
    content = item.get("content")
    return content if isinstance(content, list) else ()
