"""What replies are wrapped in: fences, tags, tool calls, a second encoding."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import cast

from kaizen_eval.llm.parsing.names import fold, shares
from kaizen_eval.llm.parsing.strict import decode

__all__ = ["FENCE", "LEADING_TOKEN", "NOISE", "TAG", "THINKING", "after_thinking", "inside", "opened"]

THINKING = "think|thinking|reasoning|reflection|scratchpad|analysis"
"""Tags around a model's drafts: what stands in them is no reply."""

_LAYERS = 8
NOISE = "\ufeff\u200b\u2060" + "".join(map(chr, range(33)))
"""Characters that say nothing before or after a reply."""
_SPECIAL = r"<[|\u00a6\uff5c][^<>|\u00a6\uff5c\s]{1,40}[|\u00a6\uff5c]>|</?s>|<eos>|<end_of_turn>|\[TOOL_CALLS\]"
LEADING_TOKEN = re.compile(rf"(?!<\|channel\|>)(?:{_SPECIAL})")
_TRAILING_TOKEN = re.compile(rf"(?:{_SPECIAL})\Z")
FENCE = re.compile(r"(```+|~~~+)[ \t]*[\w+-]*[ \t]*(?=[\n{\[\"])")
TAG = re.compile(r"<(?P<name>[A-Za-z_][\w-]*)(?:=[\w.-]+)?>")

_WRAPPERS = frozenset(
    {
        "answer", "arguments", "args", "content", "data", "final", "final_answer", "function", "function_call",
        "json", "output", "outputs", "parameters", "reply", "response", "result", "results", "return", "tool_calls",
        "value",
    }
)  # fmt: skip
_CALL_PARTS = ("arguments", "parameters", "input", "args", "tool_input", "action_input", "function", "function_call")
_CALL_LABELS = frozenset({"name", "id", "call_id", "type", "tool", "action", "index", "tool_name", "recipient_name"})


def opened(text: str) -> str:
    """The text without byte-order mark, control characters, fence, whole-text tags and special tokens around it."""
    for _ in range(_LAYERS):
        inner = _one_layer_less(text.strip(NOISE))
        if inner == text:
            break
        text = inner
    return text


def after_thinking(text: str) -> str:
    """What follows a block of thinking at the very beginning; empty when the block never ends."""
    tag = TAG.match(text)
    if tag is None or not re.fullmatch(THINKING, tag["name"], re.IGNORECASE):
        return text
    return text.partition(f"</{tag['name']}>")[2].strip()


def _one_layer_less(text: str) -> str:
    if leading := LEADING_TOKEN.match(text):
        return text[leading.end() :]
    if trailing := _TRAILING_TOKEN.search(text, max(0, len(text) - 64)):
        return text[: trailing.start()]
    if fence := FENCE.match(text):
        return text[fence.end() :].rstrip().removesuffix(fence[1])
    return _untagged(text)


def _untagged(text: str) -> str:
    tag = TAG.match(text)
    if tag is None or re.fullmatch(THINKING, tag["name"], re.IGNORECASE):
        return text
    closing = f"</{tag['name']}>"
    return text[tag.end() : -len(closing)] if text.endswith(closing) else text


def inside(
    data: object, fields: Collection[str], signature_name: str, *, fits: Callable[[object], bool] = lambda _: False
) -> object:
    """The innermost value of list, tool call, single-key wrapper and string around an object with our fields, or the
    first that fits as it is: what it holds is its own.
    """
    for _ in range(_LAYERS):
        if fits(data):
            break
        inner = _one_level_in(data, fields, signature_name)
        if inner is data:
            break
        data = inner
    return data


def _one_level_in(data: object, fields: Collection[str], signature_name: str) -> object:
    if isinstance(data, str):
        return _decoded(data)
    if isinstance(data, list):
        return data[0] if len(data) == 1 else data
    if isinstance(data, dict):
        return _unwrapped(cast("dict[str, object]", data), fields, signature_name)
    return data


def _decoded(text: str) -> object:
    try:
        return decode(opened(text))
    except ValueError:
        return text


def _unwrapped(data: dict[str, object], fields: Collection[str], signature_name: str) -> object:
    key = _call_part(data) or _only_wrapper(data, signature_name)
    if key is None:
        return data
    ours = shares(data, fields) and (key in fields or len(data) == 1)
    return data[key] if not ours or _holds_our_fields(data[key], fields, signature_name) else data


def _call_part(data: Mapping[str, object]) -> str | None:
    """The key under which a tool call has its arguments."""
    part = next((part for part in _CALL_PARTS if part in data), None)
    return part if part is not None and data.keys() - {part} <= _CALL_LABELS else None


def _only_wrapper(data: Mapping[str, object], signature_name: str) -> str | None:
    if len(data) != 1:
        return None
    (key,) = data
    return key if key in _WRAPPERS or fold(key) == fold(signature_name) else None


def _holds_our_fields(content: object, fields: Collection[str], signature_name: str) -> bool:
    value = inside(content, fields, signature_name)
    return isinstance(value, dict) and shares(value, fields)
