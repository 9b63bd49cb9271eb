"""The last object with our fields among everything that a reply says."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import cast

from kaizen_eval.llm.parsing.envelope import THINKING, inside
from kaizen_eval.llm.parsing.names import shares
from kaizen_eval.llm.parsing.strict import decode

__all__ = ["Passage", "last_object"]

_TOKEN = re.compile(r'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)|[{}]', re.DOTALL)
_BEGINS_JSON = re.compile(r"\{\s*+(?:[\"'\u201c\u2018]|[A-Za-z_]\w*+\s*+:)")
_THINKING_TAG = re.compile(rf"<(?P<closing>/?)(?:{THINKING})>", re.IGNORECASE)
_AFTER_SIBLING = re.compile(r"\}\s*,\s*\Z")


@dataclass(frozen=True, slots=True)
class Passage:
    text: str
    data: object
    """What the passage says as strict JSON; None when it is not strict JSON."""


@dataclass(frozen=True, slots=True)
class _Braces:
    closed: list[tuple[int, int]]
    """The outermost pairs of braces, as slices, in order."""
    open: list[int]
    """Where a brace opens that nothing closes."""


def last_object(text: str, fields: Collection[str], signature_name: str) -> Passage | None:
    """The last passage in braces with our fields, outside drafts; None also when a later one is cut off.

    Reads the text once from left to right, whatever it holds.
    """
    braces = _braces(text)
    if any(_BEGINS_JSON.match(text, position) for position in braces.open):
        return None
    mention = _mention_of(fields)
    for start, end in _replies(text, braces.closed):
        if mention.search(text, start, end) is None:
            continue
        passage = _read(text[start:end])
        if passage.data is None or _has_our_fields(passage.data, fields, signature_name):
            return None if _one_of_several(text, start) else passage
        if not _is_schema(passage.data, fields):
            return None
    return None


def _braces(text: str) -> _Braces:
    """Pairs of braces; a quote hides them only within braces, since prose has apostrophes and inch marks."""
    closed: list[tuple[int, int]] = []
    stack: list[int] = []
    position = 0
    while token := _next_token(text, position, within=bool(stack)):
        start, position = token
        if text[start] == "{":
            stack.append(start)
        elif text[start] == "}":
            opening = stack.pop()
            while closed and closed[-1][0] > opening:
                closed.pop()
            closed.append((opening, position))
    return _Braces(closed, stack)


def _next_token(text: str, position: int, *, within: bool) -> tuple[int, int] | None:
    if within:
        token = _TOKEN.search(text, position)
        return token.span() if token else None
    start = text.find("{", position)
    return None if start < 0 else (start, start + 1)


def _replies(text: str, closed: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The passages outside thinking tags, the last first."""
    tags = [tag for tag in _THINKING_TAG.finditer(text) if not _within(closed, tag.start())]
    after: str | None = None
    for start, end in reversed(closed):
        while tags and tags[-1].start() >= end:
            after = tags.pop()["closing"]
        if after != "/" and not (tags and tags[-1]["closing"] == ""):
            yield start, end


def _within(closed: list[tuple[int, int]], position: int) -> bool:
    index = bisect_right(closed, (position, position))
    return index > 0 and position < closed[index - 1][1]


def _mention_of(fields: Collection[str]) -> re.Pattern[str]:
    names = "|".join(re.escape(name).replace("_", "[ _-]?") for name in fields)
    return re.compile(rf"(?<!\w)(?:{names})[\"'\u201d\u2019]?\s*+:", re.IGNORECASE)


def _read(text: str) -> Passage:
    try:
        return Passage(text, decode(text))
    except ValueError:
        return Passage(text, None)


def _has_our_fields(data: object, fields: Collection[str], signature_name: str) -> bool:
    value = inside(data, fields, signature_name)
    return isinstance(value, dict) and shares(value, fields) and not _is_schema(value, fields)


def _is_schema(data: object, fields: Collection[str]) -> bool:
    """Whether it is the JSON Schema that we sent, or a piece of it: an echo, not an answer."""
    if isinstance(data, list):
        return any(_is_schema(item, fields) for item in data)
    if not isinstance(data, dict):
        return False
    members = cast("dict[str, object]", data)
    properties = members.get("properties")
    if "properties" not in fields and isinstance(properties, dict) and shares(properties, fields):
        return True
    return any(_is_schema(member, fields) for member in members.values())


def _one_of_several(text: str, start: int) -> bool:
    """Whether it stands in a list after another object: nobody knows which one is meant."""
    return _AFTER_SIBLING.search(text, max(0, start - 100), start) is not None
