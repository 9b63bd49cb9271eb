"""Strings of a length, a format and a pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf
from string import ascii_uppercase, digits
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generation import words
from kaizen_eval.fake.generation.formats import FORMATS
from kaizen_eval.fake.generation.nodes import Never
from kaizen_eval.fake.generation.pattern_parser import parsed
from kaizen_eval.fake.generation.patterns import Pattern, Spelling

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaizen_eval.fake.generation.nodes import Node
    from kaizen_eval.fake.generation.source import Source

__all__ = ["Avoiding", "Matching", "Text", "matcher", "string"]

_VOWELS, _CONSONANTS = "aeiou", "bdfgklmnprst"
_ALPHABETS = (_CONSONANTS, digits, ascii_uppercase, "_", "-+*", "äöü")
"""Where plain words are not allowed."""

_REACHES = (5, 2, 1, 0, 8, 16)
"""How many repetitions the quantifiers of a pattern may add, one candidate after the other."""
_CANDIDATES = 60
"""How many texts are spelled for one that fits the length and every pattern."""

_NAMED = re.compile(r"\(\?<(?![=!])")
_REFERENCE = re.compile(r"\\k<(\w+)>")
_ONLY_IN_ECMASCRIPT = re.compile(r"\\(?:[pP]\{|c[a-zA-Z]|u\{|u[dD][89a-fA-F])|\[\^?[]\[]|--|&&|~~|\|\|")
"""What Python reads differently, not at all, or with a warning."""


@dataclass(frozen=True, slots=True)
class Text:
    """Readable text within a length."""

    spoken: Callable[[Source], str]
    """Says something that suits the name or the format, of any length."""
    shortest: int = 0
    longest: float = inf
    format: str = ""
    """Of which it is, where that is a known one."""

    def make(self, source: Source) -> str:
        text = self.spoken(source)
        if len(text) > self.longest:
            text = _short(source, int(self.longest))
        return text if len(text) >= self.shortest else _long(source, text, self.shortest)

    def height(self) -> float:
        return 0


@dataclass(frozen=True, slots=True)
class Matching:
    """Text within a length that matches every pattern."""

    patterns: tuple[Pattern, ...]
    matchers: tuple[re.Pattern[str], ...]
    path: str
    shortest: int = 0
    longest: float = inf
    loose: bool = False
    """No pattern says how the text ends."""

    def make(self, source: Source) -> str:
        for number in range(_CANDIDATES):
            text = self._candidate(source.beside(f"~{number}") if number else source, number)
            if self._fits(text):
                return text
        raise ScriptError(f"no string was found that fits the pattern and the length asked for at {self.path}")

    def height(self) -> float:
        return 0

    def _candidate(self, source: Source, number: int) -> str:
        """Each pattern spelled, one after the other: in turn forwards and backwards; padded where it is too short."""
        reach = max(_REACHES[number % len(_REACHES)], self.shortest if number % 3 else 0)
        spelling = Spelling(source, reach, max(8, self.shortest), plain=number % 2 == 0)
        texts = [pattern.spell(spelling) for pattern in self.patterns]
        filler = _syllables(source, source.between(2, 5)) if number % 4 == 0 else ""
        text = filler.join(texts if number % 4 < 2 else reversed(texts)) + filler * self.loose
        if len(text) >= self.shortest:
            return text
        padding = _syllables(source, self.shortest - len(text))
        return text + padding if number % 2 == 0 else padding + text

    def _fits(self, text: str) -> bool:
        return self.shortest <= len(text) <= self.longest and all(matcher.search(text) for matcher in self.matchers)


@dataclass(frozen=True, slots=True)
class Avoiding:
    """Text in which certain patterns must not be found: of other letters, where it says them."""

    text: Text
    forbidden: tuple[re.Pattern[str], ...]

    def make(self, source: Source) -> str:
        text = self.text.make(source)
        length = max(self.text.shortest, int(min(self.text.longest, 6)))
        for letters in _ALPHABETS:
            if not any(pattern.search(text) for pattern in self.forbidden):
                break
            text = "".join(source.pick(letters) for _ in range(length))
        return text

    def height(self) -> float:
        return 0


def string(schema: dict[str, Any], path: str, name: str) -> Node:
    """The node for a schema of strings; patterns that did not merge stand in its `allOf`."""
    shortest, longest = int(schema.get("minLength", 0)), schema.get("maxLength", inf)
    if shortest > longest:
        return Never(path)
    patterns = _patterns(schema)
    if patterns:
        loose = not any(pattern.endswith("$") for pattern in patterns)
        return Matching(tuple(map(parsed, patterns)), _matchers(patterns), path, shortest, longest, loose=loose)
    kind = schema.get("format") or schema.get("contentMediaType", "")
    spoken = FORMATS.get(kind)
    free = words.free_text(name, schema.get("description", ""))
    text = Text(spoken or free, shortest, longest, kind if spoken else "")
    forbidden = _matchers(_patterns(schema, "not"))
    return Avoiding(text, forbidden) if forbidden else text


def _patterns(schema: dict[str, Any], within: str = "") -> list[str]:
    """The schema's own pattern, and those that did not merge with it; or those `within` a keyword."""
    parts = [schema, *schema.get("allOf", ())]
    if within:
        parts = [part[within] for part in parts if isinstance(part.get(within), dict)]
    return [part["pattern"] for part in parts if "pattern" in part]


def _matchers(patterns: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(found for pattern in patterns if (found := matcher(pattern)) is not None)


def matcher(pattern: str) -> re.Pattern[str] | None:
    """Python's reading of an ECMAScript pattern; None where it has none."""
    if _ONLY_IN_ECMASCRIPT.search(pattern):
        return None
    try:
        return re.compile(_NAMED.sub("(?P<", _REFERENCE.sub(r"(?P=\1)", pattern)))
    except re.error:
        return None


def _short(source: Source, longest: int) -> str:
    text = words.word(source)
    return text if len(text) <= longest else _syllables(source, longest)


def _long(source: Source, text: str, shortest: int) -> str:
    """`text` and as many sentences as it takes, cut where the length is reached."""
    missing = shortest - len(text)
    more = " " + words.sentence(source)
    text += (more * (missing // len(more) + 1))[:missing]
    return text[:-1] + "." if text.endswith(" ") else text


def _syllables(source: Source, length: int) -> str:
    letters = (_CONSONANTS, _VOWELS)
    return "".join(source.pick(letters[place % 2]) for place in range(length))
