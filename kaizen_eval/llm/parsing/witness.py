"""Whether a text says exactly a given value, if only its JSON punctuation is forgiven.

A lenient parser proposes; this decides. Every character of the text must be accounted for: by a key or a scalar of
the value, letter for letter, or by punctuation at a place where the grammar (with its usual slips) has some. Nothing
dropped, invented or completed passes: no half string, no second value for a key, no `...`.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

__all__ = ["says"]

_SPACE = re.compile(r"(?:\s++|//[^\n]*+|/\*.*?\*/|\#[^\n]*+)*+", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,4000})(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u201e": "\u201c", "\u201d": "\u201d"}
_CODE = re.compile(r"\\u(?!d[89a-f])[0-9a-f]{4}|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}", re.IGNORECASE)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "/": "/", "\\": "\\", '"': '"', "'": "'"}
_WORDS = {True: ("true", "True"), False: ("false", "False"), None: ("null", "None")}
_NO_TEXT = frozenset({"true", "false", "null", "none", "undefined", "nan", "infinity", "-infinity", "inf", "-inf"})
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_QUOTATION = re.compile(
    r"""(?<![^\s(\[-])(["\u201d])(?=\S)(?:(?!\1).)*?\w(?:(?!\1).)*?(?<=\S)\1(?![^\s.,;:!?)\]'-])""", re.DOTALL
)
_ORDINARY = {True: _APOSTROPHE, False: _QUOTATION}
_NAME = r"""["'\u201c\u2018\u201e]?{}(?P<closing>["'\u201d\u2019\u201c]?)\s*+(?P<colon>:*)"""
_COMMA = re.compile(r",")
_COMMAS = re.compile(r",(?:\s*+,)*+")
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
    at = _space(text, _mark(text, at, "{"))
    for index, (key, member) in enumerate(value.items()):
        at = _value(text, _key(text, at, key), member)
        at = _separator(text, at, last=index == len(value) - 1, commas=_COMMAS)
    return _mark(text, at, "}")


def _list(text: str, at: int, value: list[Any]) -> int:
    at = _space(text, _mark(text, at, "["))
    for index, element in enumerate(value):
        at = _separator(text, _value(text, at, element), last=index == len(value) - 1, commas=_COMMA)
    return _mark(text, at, "]")


def _mark(text: str, at: int, mark: str) -> int:
    if not text.startswith(mark, at):
        raise _Differs
    return at + 1


def _separator(text: str, at: int, *, last: bool, commas: re.Pattern[str]) -> int:
    """Between two members: a comma, or its lack where space or a comment parts them; after the last, maybe one."""
    after = _space(text, at)
    if comma := commas.match(text, after):
        return _space(text, comma.end())
    if last or ((after > at or text[at - 1] in "}]") and _NEXT_PIECE.match(text, after)):
        return after
    raise _Differs


def _key(text: str, at: int, key: str) -> int:
    """Where the value begins. A name may lack a quote on either side; its closing quote or its colon must be there."""
    if re.fullmatch(r"[\w-]+", key):
        found = re.compile(_NAME.format(re.escape(key))).match(text, at)
        if found is None or not (found["closing"] or found["colon"]):
            raise _Differs
        return _space(text, found.end())
    if text[at : at + 1] not in _QUOTES or not key.isprintable():
        raise _Differs
    return _space(text, _mark(text, _space(text, _quoted(text, at, key, inner_quotes=False)), ":"))


def _string(text: str, at: int, value: str) -> int:
    if text[at : at + 1] in _QUOTES:
        end = _quoted(text, at, value, inner_quotes=True)
        _ends_value(text, end)
        return end
    return _unquoted(text, at, value)


def _quoted(text: str, at: int, value: str, *, inner_quotes: bool) -> int:
    """The end of the quoted string. Unescaped quotes inside are letters like others if they can be nothing else."""
    closing = _QUOTES[text[at]]
    start = at = at + 1
    for character in value:
        written, at = _character(text, at)
        if written != character:
            raise _Differs
    if not text.startswith(closing, at) or not _quotes_are_letters(text[start:at], closing, allowed=inner_quotes):
        raise _Differs
    return at + 1


def _quotes_are_letters(raw: str, closing: str, *, allowed: bool) -> bool:
    """Whether all quotes inside are escaped, or all are apostrophes or around whole phrases; else one may be a slip."""
    escaped = raw.count("\\" + closing)
    if raw.count(closing) == escaped:
        return True
    return allowed and closing not in _ORDINARY[closing == "'"].sub("", raw)


def _character(text: str, at: int) -> tuple[str, int]:
    if at >= len(text):
        raise _Differs
    if text[at] != "\\":
        return text[at], at + 1
    escape = text[at + 1 : at + 2]
    if escape == "u":
        return _unicode(text, at)
    if escape not in _ESCAPES:
        raise _Differs
    return _ESCAPES[escape], at + 2


def _unicode(text: str, at: int) -> tuple[str, int]:
    escape = _CODE.match(text, at)
    if escape is None:
        raise _Differs
    return json.loads(f'"{escape[0]}"'), escape.end()


def _unquoted(text: str, at: int, value: str) -> int:
    """Plain words up to the next comma, bracket or line end; never a word that JavaScript or Python would read."""
    plain = value and value == value.strip() and not re.search(r"[\"'{}\[\]:,\\\n]|\.\.\.|…|<|>", value)
    if not plain or _NUMBER.fullmatch(value) or value.casefold() in _NO_TEXT or not text.startswith(value, at):
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
