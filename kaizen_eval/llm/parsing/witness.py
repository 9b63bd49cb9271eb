"""Whether a text says exactly a given value, if only its JSON punctuation is forgiven.

A lenient parser proposes; this decides. Every character of the text must be accounted for: by a key or a scalar of
the value, letter for letter, or by punctuation at a place where the grammar (with its usual slips) has some. Nothing
dropped, invented or completed passes: no half string, no second value for a key, no `...`.
"""

from __future__ import annotations

import math
import re
from typing import Any

__all__ = ["says"]

_SPACE = re.compile(r"(?:\s++|//[^\n]*+|/\*.*?\*/|\#[^\n]*+)*+", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,4000})(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u201e": "\u201c", "\u201d": "\u201d"}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "/": "/", "\\": "\\", '"': '"', "'": "'"}
_WORDS = {True: ("true", "True"), False: ("false", "False"), None: ("null", "None")}
_NO_TEXT = frozenset({"true", "false", "null", "none", "undefined", "nan", "infinity", "-infinity", "inf", "-inf"})
_AFTER_VALUE = re.compile(r"""[,}\]]|\Z""")
_NEXT_PIECE = re.compile(r"""["'\u201c\u2018\u201e\w{\[-]""")


class _Differs(Exception):
    """The text says something else."""


def says(text: str, value: Any) -> bool:
    try:
        return _space(text, _value(text, _space(text, 0), value)) == len(text)
    except _Differs:
        return False


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, value: Any) -> int:
    match value:
        case dict():
            return _object(text, at, value)
        case list():
            return _list(text, at, value)
        case str():
            return _string(text, at, value)
        case bool() | None:
            return _word(text, at, _WORDS[value])
        case _:
            return _number(text, at, value)


def _object(text: str, at: int, value: dict[str, Any]) -> int:
    at = _mark(text, at, "{")
    for index, (key, member) in enumerate(value.items()):
        at = _mark(text, _key(text, at, key), ":")
        at = _separator(text, _value(text, at, member), last=index == len(value) - 1)
    return _mark(text, at, "}", then_space=False)


def _list(text: str, at: int, value: list[Any]) -> int:
    at = _mark(text, at, "[")
    for index, element in enumerate(value):
        at = _separator(text, _value(text, at, element), last=index == len(value) - 1)
    return _mark(text, at, "]", then_space=False)


def _mark(text: str, at: int, mark: str, *, then_space: bool = True) -> int:
    if not text.startswith(mark, at):
        raise _Differs
    return _space(text, at + 1) if then_space else at + 1


def _separator(text: str, at: int, *, last: bool) -> int:
    """Between two members: a comma, or its lack where space or a comment parts them; after the last, maybe one."""
    after = _space(text, at)
    if text.startswith(",", after):
        return _space(text, after + 1)
    if last or (after > at and _NEXT_PIECE.match(text, after)):
        return after
    raise _Differs


def _key(text: str, at: int, key: str) -> int:
    if text[at : at + 1] in _QUOTES and text[at : at + 1]:
        return _space(text, _quoted(text, at, key))
    if not re.fullmatch(r"[\w-]+", key) or not text.startswith(key, at):
        raise _Differs
    return _space(text, at + len(key))


def _string(text: str, at: int, value: str) -> int:
    if text[at : at + 1] in _QUOTES:
        end = _quoted(text, at, value)
        _ends_value(text, end)
        return end
    return _unquoted(text, at, value)


def _quoted(text: str, at: int, value: str) -> int:
    """The end of the quoted string; an unescaped quote inside is a character like another."""
    closing = _QUOTES[text[at]]
    at += 1
    for character in value:
        written, at = _character(text, at)
        if written != character:
            raise _Differs
    if not text.startswith(closing, at):
        raise _Differs
    return at + 1


def _character(text: str, at: int) -> tuple[str, int]:
    if at >= len(text):
        raise _Differs
    if text[at] != "\\":
        return text[at], at + 1
    escape = text[at + 1 : at + 2]
    if escape == "u":
        return _unicode(text, at + 2)
    if escape not in _ESCAPES:
        raise _Differs
    return _ESCAPES[escape], at + 2


def _unicode(text: str, at: int) -> tuple[str, int]:
    try:
        code = int(text[at : at + 4], 16)
        if 0xD800 <= code < 0xDC00 and text.startswith("\\u", at + 4):
            low = int(text[at + 6 : at + 10], 16)
            return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), at + 10
        return chr(code), at + 4
    except (ValueError, OverflowError):
        raise _Differs from None


def _unquoted(text: str, at: int, value: str) -> int:
    """Plain words up to the next comma, bracket or line end; never a word that JavaScript or Python would read."""
    plain = value and value == value.strip() and not re.search(r"[\"'{}\[\]:,\\\n]|\.\.\.|…|<|>", value)
    if not plain or value.casefold() in _NO_TEXT or not text.startswith(value, at):
        raise _Differs
    _ends_value(text, at + len(value))
    return at + len(value)


def _ends_value(text: str, at: int) -> None:
    """After a string comes what may follow a value; else a quote inside it was taken for its end."""
    after = _space(text, at)
    if not (_AFTER_VALUE.match(text, after) or (after > at and _NEXT_PIECE.match(text, after))):
        raise _Differs


def _word(text: str, at: int, words: tuple[str, ...]) -> int:
    word = next((word for word in words if text.startswith(word, at)), None)
    if word is None or re.match(r"\w", text[at + len(word) : at + len(word) + 1]):
        raise _Differs
    return at + len(word)


def _number(text: str, at: int, value: float) -> int:
    found = _NUMBER.match(text, at)
    if found is None or re.match(r"[\w.]", text[found.end() : found.end() + 1]):
        raise _Differs
    whole = found["fraction"] is None and found["exponent"] is None
    written = int(found[0]) if whole else float(found[0])
    if type(written) is not type(value) or written != value or not math.isfinite(written):
        raise _Differs
    return found.end()
