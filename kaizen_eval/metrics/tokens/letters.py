"""The kinds of characters that encodings tell apart, the same under every Python version."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

__all__ = ["BOTH_CASES", "MARK", "in_kinds"]

BOTH_CASES = "\xaa"
"""Stands for letters without case: they count as upper and as lower."""
MARK = "\xb8"
"""Stands for combining marks: they go with letters, and yet are none."""
_UPPER, _LOWER, _NUMBER, _SPACE, _OTHER = "A", "a", "0", "\t", "!"
_KINDS = {
    "Lu": _UPPER, "Lt": _UPPER, "Ll": _LOWER, "Lm": BOTH_CASES, "Lo": BOTH_CASES,
    "Mn": MARK, "Mc": MARK, "Me": MARK, "Nd": _NUMBER, "Nl": _NUMBER, "No": _NUMBER,
}  # fmt: skip
_SPACES = frozenset(
    "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_LONG_S = "\u017f"
_REMEMBERED = 20_000
"""Characters; about 2 MB. More than a text in any one language has."""

_SINCE_UNICODE_14 = {
    _UPPER: "1c89 a7cb-a7cc a7da a7dc 10d50-10d65",
    _LOWER: "1c8a a7cd a7db 10d70-10d85 1df25-1df2a",
    BOTH_CASES: (
        "105c0-105f3 10d4a-10d4f 10d6f 10ec2-10ec4 1123f-11240 11380-11389 1138b 1138e 11390-113b5 113b7 113d1 113d3"
        " 11bc0-11be0 11f02 11f04-11f10 11f12-11f33 1342f 13441-13446 13460-143fa 16100-1611d 16d40-16d6c 18cff 1b132"
        " 1b155 1e030-1e06d 1e4d0-1e4eb 1e5d0-1e5ed 1e5f0 2b739 2ebf0-2ee5d 31350-323af"
    ),
    MARK: (
        "897 cf3 ece 10d69-10d6d 10efc-10eff 11241 113b8-113c0 113c2 113c5 113c7-113ca 113cc-113d0 113d2 113e1-113e2"
        " 11f00-11f01 11f03 11f34-11f3a 11f3e-11f42 11f5a 13440 13447-13455 1611e-1612f 1e08f 1e4ec-1e4ef 1e5ee-1e5ef"
    ),
    _NUMBER: "10d40-10d49 116d0-116e3 11bf0-11bf9 11f50-11f59 16130-16139 16d70-16d79 1ccf0-1ccf9 1d2c0-1d2d3"
    " 1e4f0-1e4f9 1e5f1-1e5fa",
}
"""What Unicode 15 and 16 added, and tiktoken 0.14 knows: Python 3.11 has Unicode 14, and later ones have more."""


def in_kinds(text: str) -> str:
    """The text with each character outside of ASCII replaced by one that stands for its kind."""
    return text if text.isascii() else text.translate(_kinds)


class _Kinds(dict[int, str]):
    """From code points; what it has not met yet is looked up, and all is forgotten when it is full."""

    def __missing__(self, code: int) -> str:
        kind = _kind(chr(code))
        if len(self) >= _REMEMBERED:
            self.clear()
        self[code] = kind
        return kind


_kinds = _Kinds()


def _kind(character: str) -> str:
    if character.isascii():
        return character
    if character in _SPACES:
        return _SPACE
    if character == _LONG_S:
        return "s"  # without regard to case, it is one, also after an apostrophe
    return _kind_of_new(ord(character)) or _KINDS.get(unicodedata.category(character), _OTHER)


def _kind_of_new(code: int) -> str | None:
    before = bisect_right(_NEW, code, key=itemgetter(0))
    first, last, kind = _NEW[before - 1]
    return kind if first <= code <= last else None


def _spread(kind: str, ranges: str) -> Iterator[tuple[int, int, str]]:
    for span in ranges.split():
        first, _, last = span.partition("-")
        yield int(first, 16), int(last or first, 16), kind


_NEW = sorted(new for kind, ranges in _SINCE_UNICODE_14.items() for new in _spread(kind, ranges))
"""First and last code point of each range, and its kind."""
