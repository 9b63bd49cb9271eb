"""What a word without quotes means in YAML 1.2, as far as JSON knows it; what readers disagree about is refused."""

from __future__ import annotations

import math
import re

__all__ = ["Doubtful", "meaning"]

_WORDS: dict[str, bool | None] = {"": None, "~": None}
for _word, _value in (("null", None), ("true", True), ("false", False)):
    _WORDS |= dict.fromkeys((_word, _word.title(), _word.upper()), _value)
_FIRST = frozenset("-+.0123456789")
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DOUBTFUL = re.compile(r"[-+]?0[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST = 4_000
"""Digits of a number; Python reads a few more."""


class Doubtful(ValueError):
    """A number to some, a text to others, or one that JSON cannot hold: its message says what to write."""


def meaning(word: str) -> str | float | bool | None:
    """The value: dates, `yes` and `no` are texts.

    Raises:
        Doubtful: 007, 0x1F, .nan and the like.
    """
    if word in _WORDS:
        return _WORDS[word]
    if word[0] not in _FIRST:
        return word
    if _DOUBTFUL.fullmatch(word):
        raise Doubtful(f"{word} is a number to some readers of YAML and none in JSON: write '{word}' for the text.")
    if _WHOLE.fullmatch(word):
        return _whole(word)
    return _number(word) if _NUMBER.fullmatch(word) else word


def _whole(word: str) -> int:
    if len(word) > _LONGEST:
        raise Doubtful(f"the number {word[:20]}… has more than {_LONGEST:,} digits: write it in quotes, as a text.")
    return int(word)


def _number(word: str) -> float:
    value = float(word)
    if math.isinf(value):
        raise Doubtful(f"the number {word[:20]} is too large: write it in quotes, as a text.")
    return value
