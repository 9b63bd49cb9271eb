"""Where the answer of a reply begins, and what it is: after marks, fences, tags and thinking."""

from __future__ import annotations

import re
from typing import Literal

from kaizen_eval.llm.parsing.envelope import FENCE, LEADING_TOKEN, NOISE, TAG, THINKING
from kaizen_eval.llm.partial.source import Source, Waiting

__all__ = ["Lead", "lead"]

Lead = Literal["object", "prose", "answer", "unclear"]
"""object: a JSON object begins here; prose: the whole text is the answer; answer: it is what follows the thinking, from
here; unclear: what the reply says is certain only when it is whole.
"""

_Layer = Literal["fence", "token", "tag", "thinking", "none"]

_NOISE = re.compile(rf"[{re.escape(NOISE)}]*+")
_FENCE_SO_FAR = re.compile(r"(?:`{3,}|~{3,})[ \t]*[\w+-]*[ \t]*|`{1,2}|~{1,2}")
_TAG_SO_FAR = re.compile(r"<[^>\s]{0,64}")
_TOOL_CALLS_SO_FAR = re.compile(r"\[[A-Z_]{0,10}")
_RESPONSE = re.compile(r"\{\s*+[\"'\u201c\u2018]?")
_WORD = "response"


def lead(source: Source, *, free_text: bool) -> Waiting[Lead]:
    """Reads up to where the answer begins; pauses while that may be one thing or another."""
    has_thought = is_wrapped = False
    while True:
        mark = yield from _mark(source)
        if mark == "{" and (not free_text or (yield from _says_response(source))):
            return "unclear" if free_text and is_wrapped else "object"
        layer = yield from _layer(source, mark)
        if layer == "thinking" and not (free_text and (has_thought or is_wrapped)):
            has_thought = True
            source.begin = source.at
        elif layer in {"fence", "token", "tag"}:
            is_wrapped = True
        elif free_text and layer == "none":
            return "answer" if has_thought else "prose"
        else:
            return "unclear"


def _mark(source: Source) -> Waiting[str]:
    """The next character that says something."""
    while True:
        source.take(_NOISE)
        if source.at < len(source.text):
            return source.text[source.at]
        yield


def _says_response(source: Source) -> Waiting[bool]:
    """Whether what begins here is an object with the member `response`, and not prose that begins with a brace."""
    while True:
        opening = _RESPONSE.match(source.text, source.at)
        begin = source.at if opening is None else opening.end()
        word = source.text[begin : begin + len(_WORD)]
        if word == _WORD or not _WORD.startswith(word):
            return word == _WORD
        yield


def _layer(source: Source, mark: str) -> Waiting[_Layer]:
    """What begins here, read up to its end; none of it where nothing begins that an answer is wrapped in."""
    if mark in "`~":
        yield from _whole(source, _FENCE_SO_FAR)
        return "fence" if source.take(FENCE) else "none"
    if mark == "[":
        yield from _whole(source, _TOOL_CALLS_SO_FAR)
        return "token" if source.take(LEADING_TOKEN) else "none"
    if mark == "<":
        yield from _whole(source, _TAG_SO_FAR)
        return "token" if source.take(LEADING_TOKEN) else (yield from _tag(source))
    return "none"


def _tag(source: Source) -> Waiting[_Layer]:
    tag = TAG.match(source.text, source.at)
    if tag is None:
        return "none"
    source.at = tag.end()
    if not re.fullmatch(THINKING, tag["name"], re.IGNORECASE):
        return "tag"
    yield from _pass(source, f"</{tag['name']}>")
    return "thinking"


def _pass(source: Source, end: str) -> Waiting[None]:
    while (found := source.text.find(end, source.at)) < 0:
        source.at = max(source.at, len(source.text) - len(end) + 1)
        yield
    source.at = found + len(end)


def _whole(source: Source, so_far: re.Pattern[str]) -> Waiting[None]:
    """Pause while all that is left may be the beginning of something."""
    while (found := so_far.match(source.text, source.at)) is not None and found.end() == len(source.text):
        yield
