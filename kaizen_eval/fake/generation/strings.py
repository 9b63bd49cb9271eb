"""Strings of a length, a format and a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaizen_eval.fake.generation import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaizen_eval.fake.generation.source import Source

__all__ = ["Text"]

_VOWELS, _CONSONANTS = "aeiou", "bdfgklmnprst"


@dataclass(frozen=True, slots=True)
class Text:
    """Readable text within a length."""

    spoken: Callable[[Source], str]
    """Says something that suits the name or the format; its length does not matter."""
    shortest: int = 0
    longest: int | None = None

    def make(self, source: Source) -> str:
        text = self.spoken(source)
        if self.longest is not None and len(text) > self.longest:
            text = self._short(source, self.longest)
        return text if len(text) >= self.shortest else self._long(source, text)

    def height(self) -> float:
        return 0

    def _short(self, source: Source, longest: int) -> str:
        text = words.word(source)
        return text if len(text) <= longest else _syllables(source, longest)

    def _long(self, source: Source, text: str) -> str:
        """`text` and as many sentences as it takes, cut where the length ends."""
        missing = self.shortest - len(text)
        more = " " + words.sentence(source)
        text += (more * (missing // len(more) + 1))[:missing] if missing > 0 else ""
        return text.removesuffix(" ") + "." * text.endswith(" ")


def _syllables(source: Source, length: int) -> str:
    letters = (_CONSONANTS, _VOWELS)
    return "".join(source.pick(letters[place % 2]) for place in range(length))
