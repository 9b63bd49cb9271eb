"""Wording: how the texts of one message are found in another, whatever JSON or a repair made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

__all__ = ["holds", "is_answer", "is_in", "leaves", "lines", "texts_in", "unescaped", "without"]

_SHORTEST = 3
"""Characters of a text that is looked for inside of messages; a shorter one must be the whole message."""
_MOST_STARTS = 1000
"""Places in a text that may be where JSON begins: a long one of brackets alone would be tried for ever."""
_UNSPACED = "\u2e80"
"""Scripts from here on write words without spaces between them."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def texts_in(value: object) -> Iterator[str]:
    """Every text in a JSON value, mappings' names aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


def lines(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from (line.strip() for line in text.splitlines())


def leaves(text: str) -> Iterator[str]:
    """Every text in the JSON value that the text is or holds."""
    for match in islice(re.finditer(r"[{\[]", text), _MOST_STARTS):
        try:
            value, _ = json.JSONDecoder().raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        yield from texts_in(value)
        return


def is_answer(content: str, reply: str) -> bool:
    """Whether a message of the history is what became of a reply, which may have been wrapped or in need of repair."""
    said = _loose(f"{reply}\n{unescaped(reply)}")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return _loose(content) in said
    return all(_loose(text) in said for text in texts_in(value))


def _loose(text: str) -> str:
    return " ".join(text.casefold().split())


def unescaped(text: str) -> str:
    """Without JSON's escapes."""
    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))", _plain, text)


def _plain(match: re.Match[str]) -> str:
    code, sign = match.groups()
    return chr(int(code, 16)) if code else _ESCAPES.get(sign, sign)


def is_in(text: str, content: str) -> bool:
    """Whether a message is the text, or holds it as words of its own, plain or inside of JSON."""
    if content.strip() == text.strip():
        return True
    return len(text.strip()) >= _SHORTEST and any(holds(content, form) for form in _forms(text))


def _forms(text: str) -> set[str]:
    """Plain, and as JSON writes it, with and without escapes for what is not ASCII."""
    if text.isascii() and text.isprintable() and not {'"', "\\"} & set(text):
        return {text}
    return {text, json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]}


def holds(content: str, text: str) -> bool:
    """Whether the text stands in the content between the borders of words."""
    return next(_places(content, text), None) is not None


def without(content: str, text: str) -> str:
    """The content with the text blotted out, where it stands between the borders of words."""
    for place in list(_places(content, text)):
        content = f"{content[:place]}{chr(0) * len(text)}{content[place + len(text) :]}"
    return content


def _places(content: str, text: str) -> Iterator[int]:
    place = content.find(text)
    while place >= 0:
        end = place + len(text)
        if _is_border(content[max(place - 1, 0) : place], text[0]) and _is_border(content[end : end + 1], text[-1]):
            yield place
        place = content.find(text, place + 1)


def _is_border(outside: str, inside: str) -> bool:
    """Whether a word ends between two characters; the outer one may be missing."""
    return not (outside.isalnum() and inside.isalnum() and max(outside, inside) < _UNSPACED)
