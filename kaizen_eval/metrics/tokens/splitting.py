"""Where an encoding cuts a text into words, before it makes tokens of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import accumulate, pairwise

from kaizen_eval.metrics.tokens.families import EncodingName
from kaizen_eval.metrics.tokens.letters import BOTH_CASES, MARK, in_kinds

__all__ = ["words"]

_LETTER = rf"a-zA-Z{BOTH_CASES}"
_UPPER = rf"[A-Z{BOTH_CASES}{MARK}]"
_LOWER = rf"[a-z{BOTH_CASES}{MARK}]"
_SPACE = r"\t\n\x0b\x0c\r "
_BEFORE_A_WORD = rf"[^\r\n{_LETTER}0-9]?"
_SIGNS = rf" ?[^{_SPACE}{_LETTER}0-9]++"
_SHORT_FORM = r"'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE])"

_PATTERNS: Mapping[EncodingName, re.Pattern[str]] = {
    "o200k_base": re.compile(
        rf"{_BEFORE_A_WORD}{_UPPER}*{_LOWER}+(?:{_SHORT_FORM})?"
        rf"|{_BEFORE_A_WORD}{_UPPER}+{_LOWER}*(?:{_SHORT_FORM})?"
        rf"|[0-9]{{1,3}}|{_SIGNS}[\r\n/]*+|[{_SPACE}]*[\r\n]+|[{_SPACE}]+(?![^{_SPACE}])|[{_SPACE}]++"
    ),
    "cl100k_base": re.compile(
        rf"{_SHORT_FORM}|{_BEFORE_A_WORD}[{_LETTER}]++"
        rf"|[0-9]{{1,3}}+|{_SIGNS}[\r\n]*+|[{_SPACE}]++\Z|[{_SPACE}]*[\r\n]|[{_SPACE}]+(?![^{_SPACE}])|[{_SPACE}]"
    ),
}
"""OpenAI's own (tiktoken 0.14), over the kinds of characters instead of the characters."""


def words(text: str, encoding: EncodingName) -> list[str]:
    """All of the text, in order; each word is encoded by itself."""
    found = _PATTERNS[encoding].findall(in_kinds(text))
    if text.isascii():
        return found
    ends = accumulate(map(len, found), initial=0)
    return [text[start:end] for start, end in pairwise(ends)]
