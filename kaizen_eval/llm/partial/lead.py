"""Where the answer of a reply begins, and what it is: after marks, fences, tags and thinking."""

from __future__ import annotations

import re
from typing import Literal

from kaizen_eval.llm.parsing.envelope import FENCE, LEADING_TOKEN, NOISE, TAG, THINKING
from kaizen_eval.llm.partial.coming_text import ComingText, Waiting

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


def lead(coming: ComingText, *, free_text: bool) -> Waiting[Lead]:
    """Reads up to where the answer begins; pauses while that may be one thing or another."""
    has_thought = is_wrapped = False
    while True:
        mark = yield from _mark(coming)
        if mark == "{" and (not free_text or (yield from _says_response(coming))):
            return "unclear" if free_text and is_wrapped else "object"
        layer = yield from _layer(coming, mark)
        if layer == "thinking" and not (free_text and (has_thought or is_wrapped)):
            has_thought = True
            coming.begin = coming.at
        elif layer in {"fence", "token", "tag"}:
            is_wrapped = True
        elif free_text and layer == "none":
            return "answer" if has_thought else "prose"
        else:
            return "unclear"


def _mark(coming: ComingText) -> Waiting[str]:
    """The next character that says something."""
    while True:
        coming.take(_NOISE)
        if coming.at < len(coming.text):
            return coming.text[coming.at]
        yield


def _says_response(coming: ComingText) -> Waiting[bool]:
    """Whether what begins here is an object with the member `response`, and not prose that begins with a brace."""
    while True:
        opening = _RESPONSE.match(coming.text, coming.at)
        begin = coming.at if opening is None else opening.end()
        word = coming.text[begin : begin + len(_WORD)]
        if word == _WORD or not _WORD.startswith(word):
            return word == _WORD
        yield


def _layer(coming: ComingText, mark: str) -> Waiting[_Layer]:
    """What begins here, read up to its end; none of it where nothing begins that an answer is wrapped in."""
    if mark in "`~":
        yield from _whole(coming, _FENCE_SO_FAR)
        return "fence" if coming.take(FENCE) else "none"
    if mark == "[":
        yield from _whole(coming, _TOOL_CALLS_SO_FAR)
        return "token" if coming.take(LEADING_TOKEN) else "none"
    if mark == "<":
        yield from _whole(coming, _TAG_SO_FAR)
        return "token" if coming.take(LEADING_TOKEN) else (yield from _tag(coming))
    return "none"


def _tag(coming: ComingText) -> Waiting[_Layer]:
    tag = TAG.match(coming.text, coming.at)
    if tag is None:
        return "none"
    coming.at = tag.end()
    if not re.fullmatch(THINKING, tag["name"], re.IGNORECASE):
        return "tag"
    yield from _pass(coming, f"</{tag['name']}>")
    return "thinking"


def _pass(coming: ComingText, end: str) -> Waiting[None]:
    while (found := coming.text.find(end, coming.at)) < 0:
        coming.at = max(coming.at, len(coming.text) - len(end) + 1)
        yield
    coming.at = found + len(end)


def _whole(coming: ComingText, so_far: re.Pattern[str]) -> Waiting[None]:
    """Pause while all that is left may be the beginning of something."""
    while (found := so_far.match(coming.text, coming.at)) is not None and found.end() == len(coming.text):
        yield
