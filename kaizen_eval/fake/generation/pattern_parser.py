r"""Reads a regular expression.

JSON Schema's are ECMAScript's, so Python's own parser does not serve: it refuses `\p{L}` and `\cA`.
"""

from __future__ import annotations

import re
import sys

from kaizen_eval.fake.generation import alphabet
from kaizen_eval.fake.generation.patterns import Again, Captured, Either, Letters, Nothing, Pattern, Repeat, Together

__all__ = ["parsed"]

_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})[?+]?")
_SIMPLE = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_GROUP = re.compile(r"\(\?(?:(?P<look><?[=!])|P?<(?P<name>\w+)>|(?P<flags>[a-zA-Z-]*)(?P<end>[:)])|(?P<atomic>>))")
_CODE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\}|c([a-zA-Z]))")
_CATEGORY = re.compile(r"\\([pP])(?:\{(?:\w+=)?\^?(\w+)\}|(\w))")
_REFERENCE = re.compile(r"\\(?:([1-9]\d*)|k<(\w+)>)")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_SETS = {
    "d": alphabet.DIGITS,
    "D": alphabet.others(alphabet.DIGITS),
    "w": alphabet.WORDLY,
    "W": alphabet.others(alphabet.WORDLY),
    "s": alphabet.SPACES[:2],
    "S": alphabet.others(alphabet.SPACES),
}


def parsed(pattern: str) -> Pattern:
    """The tree of a pattern; what is no valid pattern is read as well as it goes."""
    return _Parser(pattern).either()


class _Parser:
    """Reads one pattern from its start to its end."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._groups = 0

    def either(self) -> Pattern:
        branches = [self._together()]
        while self._take("|"):
            branches.append(self._together())
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def _together(self) -> Pattern:
        parts = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            parts.append(self._quantified(self._atom()))
        return Together(tuple(parts))

    def _quantified(self, part: Pattern) -> Pattern:
        found = self._match(_QUANTIFIER)
        if found is None:
            return part
        sign, fewest, comma, most = found.groups()
        if sign:
            return Repeat(part, *_SIMPLE[sign])
        return Repeat(part, int(fewest), (int(most) if most else None) if comma else int(fewest))

    def _atom(self) -> Pattern:
        if self._take("("):
            self._at -= 1
            return self._group()
        if self._take("["):
            return Letters(self._class())
        if self._take("."):
            return Letters(alphabet.ANY)
        if self._take("^") or self._take("$"):
            return Nothing()
        return self._escape_or_letter()

    def _group(self) -> Pattern:
        found = self._match(_GROUP)
        if found is None:
            self._at += 1
            return self._captured()
        if found["flags"] is not None and found["end"] == ")":
            return Nothing()
        if found["name"]:
            return self._captured(found["name"])
        inner = self.either()
        self._take(")")
        return Nothing() if found["look"] else inner

    def _captured(self, *names: str) -> Pattern:
        self._groups += 1
        labels = (str(self._groups), *names)
        inner = self.either()
        self._take(")")
        return Captured(labels, inner)

    def _escape_or_letter(self) -> Pattern:
        if (found := self._match(_REFERENCE)) is not None:
            return Again(found[1] or found[2])
        if any(self._take(anchor) for anchor in (r"\b", r"\B", r"\A", r"\Z", r"\z")):
            return Nothing()
        return Letters(self._letters())

    def _class(self) -> str:
        """The letters of a class whose opening bracket is read."""
        negated = self._take("^")
        letters = ""
        while self._at < len(self._text) and not self._take("]"):
            first = self._letters()
            if (
                len(first) == 1
                and self._text[self._at : self._at + 1] == "-"
                and self._text[self._at + 1 : self._at + 2] != "]"
            ):
                self._at += 1
                letters += alphabet.span(first, self._letters()[-1:] or first)
            else:
                letters += first
        return alphabet.others(letters) if negated else "".join(dict.fromkeys(letters))

    def _letters(self) -> str:
        """What one letter or escape stands for."""
        if (found := self._match(_CATEGORY)) is not None:
            letters = alphabet.category(found[2] or found[3])
            return alphabet.others(letters) if found[1] == "P" else letters
        if (found := self._match(_CODE)) is not None:
            return self._coded(found)
        escaped = self._take("\\")
        letter = self._text[self._at : self._at + 1]
        self._at += 1
        if not escaped:
            return letter
        return _SETS.get(letter) or _CONTROLS.get(letter) or ("\b" if letter == "b" else letter)

    def _coded(self, found: re.Match[str]) -> str:
        if found[4]:
            return chr(ord(found[4]) % 32)
        code = min(int(found[1] or found[2] or found[3], 16), sys.maxunicode)
        if 0xD800 <= code < 0xDC00 and (low := self._match(_CODE)) is not None and low[2]:
            code = 0x10000 + ((code - 0xD800) << 10) + (int(low[2], 16) - 0xDC00)
        return chr(code)

    def _take(self, expected: str) -> bool:
        if not self._text.startswith(expected, self._at):
            return False
        self._at += len(expected)
        return True

    def _match(self, expected: re.Pattern[str]) -> re.Match[str] | None:
        found = expected.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found
