"""Finds the field of a reply that a malformed kind needs: a number, say, or a text that may say anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kaizen_eval.errors import ScriptError

__all__ = ["Spoken"]

_CONSTRAINTS = frozenset({"const", "enum", "format", "maxLength", "pattern"})
"""Keywords of a schema under which another text may no longer fit."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A reply that is a JSON object, and what its schema says of the fields."""

    kind: str
    values: Mapping[str, Any]
    schema: Mapping[str, Any]

    def but(self, **changed: Any) -> Spoken:
        return replace(self, values={**self.values, **changed})

    def without(self, name: str) -> Spoken:
        return replace(self, values={key: value for key, value in self.values.items() if key != name})

    def ending_with(self, name: str) -> Spoken:
        return replace(self, values=self.without(name).values | {name: self.values[name]})  # type: ignore[operator]  # both are dicts

    def beginning_with(self, name: str) -> Spoken:
        return replace(self, values={name: self.values[name], **self.values})

    def text(self) -> str:
        """The name of a field that holds some text and might hold any other."""
        return self._first("a text that may say anything", self._is_free_text)

    def number(self) -> str:
        return self._first("a number that need not be whole", self._is_fraction)

    def integer(self) -> str:
        return self._first(
            "a whole number", lambda name: _is_integer(self.values[name]) and not self._is_fraction(name)
        )

    def any_number(self) -> str:
        return self._first(
            "a number", lambda name: isinstance(self.values[name], float) or _is_integer(self.values[name])
        )

    def one_of_a_list(self) -> str:
        return self._first(
            "a word that the schema lists", lambda name: "enum" in self.rules(name) and _has_letters(self.values[name])
        )

    def items(self) -> str:
        return self._first(
            "a list with a text in it",
            lambda name: isinstance(self.values[name], list) and any(isinstance(i, str) for i in self.values[name][:1]),
        )

    def required(self) -> str:
        needed = self.schema.get("required", ()) if self.schema else self.values
        return self._first("a field that must be there", lambda name: name in needed)

    def free_name(self, *names: str) -> str:
        """One that is no field."""
        return next(name for name in (*names, *(f"{name}_" for name in names)) if name not in self.values)

    def rules(self, name: str) -> Mapping[str, Any]:
        """The schema of a field, a reference to a definition followed."""
        rules: Mapping[str, Any] = self.schema.get("properties", {}).get(name, {})
        definitions: Mapping[str, Mapping[str, Any]] = self.schema.get("$defs", {})
        return definitions.get(str(rules.get("$ref", "")).removeprefix("#/$defs/"), rules)

    def _is_free_text(self, name: str) -> bool:
        value = self.values[name]
        return isinstance(value, str) and len(value) > 1 and not _CONSTRAINTS & self.rules(name).keys()

    def _is_fraction(self, name: str) -> bool:
        value = self.values[name]
        return isinstance(value, float) or (_is_integer(value) and self.rules(name).get("type") == "number")

    def _first(self, what: str, fits: Callable[[str], bool]) -> str:
        for name in self.values:
            if fits(name):
                return name
        raise ScriptError(
            f"malformed(kind={self.kind!r}) needs a reply with {what} in it, and this one is {dict(self.values)!r}. "
            f"Give one that has: malformed(kind={self.kind!r}, reply={{…}})."
        )


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _has_letters(value: object) -> bool:
    return isinstance(value, str) and value.upper() != value.lower()
