"""A conversation of the Responses API: its items as the messages that they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from kaizen_eval.fake.inquiry import Attachment
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.responses.items import Item, kind_of
from kaizen_eval.messages import Message, Role, ToolCall

__all__ = ["as_messages", "attachments", "check_pairs"]

_ROLES: Mapping[str, Role] = {"user": "user", "assistant": "assistant", "system": "system", "developer": "system"}
_CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
"""Which field of a call holds what the model wrote."""
_OUTPUTS = {"function_call_output": "function_call", "custom_tool_call_output": "custom_tool_call"}


def attachments(said: Iterable[Item]) -> tuple[Attachment, ...]:
    """The images and files in a conversation."""
    return tuple(_ATTACHED[part["type"]](part) for item in said for part in _held(item) if part["type"] in _ATTACHED)


def _held(item: Item) -> Sequence[Item]:
    content = item.get("content" if kind_of(item) == "message" else "output")
    return content if isinstance(content, list) else ()


_ATTACHED: Mapping[str, Callable[[Item], Attachment]] = {
    "input_image": lambda part: Attachment(
        "image", part.get("image_url") or part.get("file_id") or "", part.get("detail") or "auto"
    ),
    "input_file": lambda part: Attachment(
        "file", part.get("file_data") or part.get("file_id") or part.get("file_url") or "", part.get("filename") or ""
    ),
}


def check_pairs(said: Iterable[Item]) -> None:
    """Refuse a conversation in which a call has no output, or an output no call."""
    open_calls: dict[tuple[str, str], None] = {}
    known: set[tuple[str, str]] = set()
    for item in said:
        kind = kind_of(item)
        if kind in _CALLS:
            open_calls[kind, item["call_id"]] = None
            known.add((kind, item["call_id"]))
        elif kind in _OUTPUTS:
            call = (_OUTPUTS[kind], item["call_id"])
            if call not in known:
                raise _unpaired(f"No tool call found for {kind.replace('_', ' ')} with call_id {item['call_id']}.")
            open_calls.pop(call, None)
    for kind, call_id in open_calls:
        raise _unpaired(f"No tool output found for {kind.replace('_', ' ')} {call_id}.")


def _unpaired(message: str) -> Rejection:
    return Rejection(message, param="input")


def as_messages(said: Iterable[Item]) -> tuple[Message, ...]:
    """A conversation as the Chat API would have it; what the model said and called in one turn is one message."""
    messages: list[Message] = []
    for item in said:
        kind = kind_of(item)
        if kind in _CALLS:
            _add_call(messages, ToolCall(item["call_id"], item["name"], item[_CALLS[kind]]))
        elif kind in _READERS:
            messages.append(_READERS[kind](item))
    return tuple(messages)


def _add_call(messages: list[Message], call: ToolCall) -> None:
    if messages and messages[-1].role == "assistant":
        messages[-1] = replace(messages[-1], tool_calls=(*messages[-1].tool_calls, call))
    else:
        messages.append(Message("assistant", "", (call,)))


def _said(content: str | Iterable[Item]) -> str:
    """Text; the texts of the parts, joined."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or part.get("refusal") or "" for part in content)


_READERS: Mapping[str, Callable[[Item], Message]] = {
    "message": lambda item: Message(_ROLES[item["role"]], _said(item["content"])),
    "function_call_output": lambda item: Message("tool", _said(item["output"]), tool_call_id=item["call_id"]),
    "custom_tool_call_output": lambda item: Message("tool", _said(item["output"]), tool_call_id=item["call_id"]),
}
