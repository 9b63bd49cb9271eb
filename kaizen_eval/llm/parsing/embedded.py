"""The last object with our fields among everything that a reply says."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kaizen_eval.llm.parsing.echo import is_echo
from kaizen_eval.llm.parsing.envelope import THINKING, inside
from kaizen_eval.llm.parsing.names import shares
from kaizen_eval.llm.parsing.strict import decode

__all__ = ["Passage", "last_object"]

_TOKEN = re.compile(r'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)|[{}]', re.DOTALL)
_BEGINS_JSON = re.compile(r"\{\s*+(?:[\"'\u201c\u2018]|[A-Za-z_]\w*+[\"'\u201d\u2019]?\s*+:)")
_THINKING_TAG = re.compile(
    rf"<(?P<closing>/?)(?:{THINKING})>|<\|channel\|>(?:(?P<final>final)|analysis)", re.IGNORECASE
)
_MORE_MEMBERS = re.compile(
    r"\s*+(?:,\s*+[\"'\u201c\u2018{]|[\"'\u201c\u2018][^\"'\u201d\u2019\n]{1,100}[\"'\u201d\u2019]\s*+:)"
)
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
        return _whole(text)
    mention = _mention_of(fields)
    for start, end in _replies(text, braces.closed):
        if mention.search(text, start, end) is None:
            continue
        passage = _read(text[start:end])
        if passage.data is None or _has_our_fields(passage.data, fields, signature_name):
            return passage if _stands_alone(text, start, end, strict=passage.data is not None) else None
        if not is_echo(passage.data, fields):
            return None
    return None


def _whole(text: str) -> Passage | None:
    """From the first brace to the last, for text whose quotes do not pair; None where a brace opens after that."""
    end = text.rfind("}") + 1
    if "{" in text[end:] or _THINKING_TAG.search(text):
        return None
    return Passage(text[text.find("{") : end], None)


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
    """The passages outside thinking, the last first."""
    tags = [tag for tag in _THINKING_TAG.finditer(text) if not _within(closed, tag.start())]
    next_ends = False
    for start, end in reversed(closed):
        while tags and tags[-1].start() >= end:
            next_ends = _ends_thinking(tags.pop())
        if not next_ends and not (tags and not _ends_thinking(tags[-1])):
            yield start, end


def _ends_thinking(tag: re.Match[str]) -> bool:
    return bool(tag["closing"] or tag["final"])


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
    return isinstance(value, dict) and shares(value, fields) and not is_echo(value, fields)


def _stands_alone(text: str, start: int, end: int, *, strict: bool) -> bool:
    """Whether nothing around says that it is one of several in a list, or a piece of something larger.

    One brace too many may follow strict JSON at once; any later one shows that this passage was closed too early.
    """
    rest = text[end:].lstrip("} \n") if strict else text[end:]
    if rest.count("}") > rest.count("{") or _MORE_MEMBERS.match(rest):
        return False
    return _AFTER_SIBLING.search(text, max(0, start - 100), start) is None
