"""The tree of a regular expression, which spells texts that match it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kaizen_eval.fake.generation.source import Source

__all__ = ["Again", "Captured", "Either", "Letters", "Nothing", "Pattern", "Repeat", "Spelling", "Together"]


@dataclass(slots=True)
class Spelling:
    """One text in the making."""

    source: Source
    reach: int
    """How many repetitions more than it takes a quantifier may choose."""
    enough: int
    """From this length on no quantifier repeats more than it must."""
    plain: bool = True
    """Lower-case letters where they will do."""
    written: int = 0
    captured: dict[str, str] = field(default_factory=dict)


class Pattern(Protocol):
    """A part of a regular expression."""

    def spell(self, spelling: Spelling) -> str: ...


@dataclass(frozen=True, slots=True)
class Nothing:
    """An anchor or a look-around: it takes no letter, and whether it holds is seen when the text stands."""

    def spell(self, spelling: Spelling) -> str:  # noqa: ARG002 - a pattern takes a spelling
        return ""


@dataclass(frozen=True, slots=True)
class Letters:
    """One letter of a set."""

    letters: str

    def spell(self, spelling: Spelling) -> str:
        if not self.letters:
            return ""
        spelling.written += 1
        plain = [letter for letter in self.letters if "a" <= letter <= "z"] if spelling.plain else ()
        return spelling.source.pick(plain or self.letters)


@dataclass(frozen=True, slots=True)
class Together:
    """One part after the other."""

    parts: tuple[Pattern, ...]

    def spell(self, spelling: Spelling) -> str:
        return "".join([part.spell(spelling) for part in self.parts])


@dataclass(frozen=True, slots=True)
class Either:
    """One of several branches."""

    branches: tuple[Pattern, ...]

    def spell(self, spelling: Spelling) -> str:
        return spelling.source.pick(self.branches).spell(spelling)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part with a quantifier."""

    part: Pattern
    fewest: int
    most: int | None

    def spell(self, spelling: Spelling) -> str:
        most = self.fewest + spelling.reach
        count = spelling.source.between(self.fewest, most if self.most is None else min(most, self.most))
        text = ""
        for number in range(count):
            if number >= self.fewest and spelling.written >= spelling.enough:
                break
            text += self.part.spell(spelling)
        return text


@dataclass(frozen=True, slots=True)
class Captured:
    """A group that may be referred to."""

    labels: tuple[str, ...]
    part: Pattern

    def spell(self, spelling: Spelling) -> str:
        text = self.part.spell(spelling)
        spelling.captured.update(dict.fromkeys(self.labels, text))
        return text


@dataclass(frozen=True, slots=True)
class Again:
    """What a group captured, once more."""

    label: str

    def spell(self, spelling: Spelling) -> str:
        return spelling.captured.get(self.label, "")
