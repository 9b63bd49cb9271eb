"""Fields: named values as a file holds them, each known by its line, asked for by the type they should have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from kaizen_eval.errors import CassetteCorrupt
from kaizen_eval.suggestion import suggestion

__all__ = ["Fields", "corrupt"]

_WORDS = {"True": "true", "False": "false", "None": "empty"}
"""As a file writes them."""


def corrupt(path: str, line: int | None, what: str) -> CassetteCorrupt:
    """The error that says what is wrong in which line of which file."""
    place = f"{path or 'the cassette'}:{line}" if line else path or "the cassette"
    return CassetteCorrupt(f"{place}: {what}", path=path, line=line)


class Fields:
    """One object of a file: every question for a field names the type that it should have.

    All methods raise CassetteCorrupt, with the line.
    """

    __slots__ = ("_lines", "_values", "line", "path")

    def __init__(self, values: Mapping[str, Any], lines: Mapping[str, int], *, path: str, line: int) -> None:
        self._values = values
        self._lines = lines
        self.path = path
        self.line = line

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def only(self, known: frozenset[str], what: str) -> None:
        """Refuses every field with another name."""
        if self._values.keys() <= known:
            return
        name = next(name for name in self._values if name not in known)
        self.refuse(
            name, f"{what} has no field {name!r}{suggestion(name, known)} It takes: {', '.join(sorted(known))}."
        )

    def refuse(self, name: str, what: str) -> NoReturn:
        raise corrupt(self.path, self.line_of(name), what)

    def line_of(self, name: str) -> int:
        return self._lines.get(name, self.line)

    def text(self, name: str) -> str:
        value = self._values.get(name)
        return value if type(value) is str else self._wrong(name, "a text, in quotes")

    def count(self, name: str) -> int:
        value = self._values.get(name)
        return value if type(value) is int and value >= 0 else self._wrong(name, "a whole number from 0")

    def flag(self, name: str) -> bool:
        value = self._values.get(name)
        return value if type(value) is bool else self._wrong(name, "true or false")

    def fields(self, name: str) -> Fields:
        value = self._values.get(name)
        return value if type(value) is Fields else self._wrong(name, "an object with fields of its own")

    def counts(self, name: str) -> tuple[int, ...]:
        values = self._list(name)
        if all(type(value) is int and value >= 0 for value in values):
            return tuple(values)
        return self._wrong(name, "a list of whole numbers from 0")

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._list(name)
        if all(type(value) is str for value in values):
            return tuple(values)
        return self._wrong(name, "a list of texts, in quotes")

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """A list of lists of two texts."""
        values = self._list(name)
        if all(type(value) is list and [type(part) for part in value] == [str, str] for value in values):
            return tuple((left, right) for left, right in values)
        return self._wrong(name, 'a list of pairs of texts, such as ["name", "value"]')

    def _list(self, name: str) -> list[Any]:
        value = self._values.get(name)
        return value if type(value) is list else self._wrong(name, "a list")

    def _wrong(self, name: str, expected: str) -> NoReturn:
        if name not in self._values:
            self.refuse(name, f"the field {name!r} is missing; expected {expected}.")
        self.refuse(name, f"{name!r} is {_shown(self._values[name])}; expected {expected}.")


def _shown(value: object) -> str:
    shown = "an object" if type(value) is Fields else "a list" if type(value) is list else repr(value)
    shown = _WORDS.get(shown, shown)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
