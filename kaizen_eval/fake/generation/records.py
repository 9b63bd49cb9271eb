"""Objects."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from kaizen_eval.fake.generation.nodes import DEEP

if TYPE_CHECKING:
    from kaizen_eval.fake.generation.nodes import Node
    from kaizen_eval.fake.generation.source import Source

__all__ = ["Entries", "Field", "Record"]

_TRIES = 20
"""How often a name that is taken already is drawn again, for each entry."""


@dataclass(frozen=True, slots=True)
class Field:
    """A declared property."""

    name: str
    node: Node
    required: bool


@dataclass(frozen=True, slots=True)
class Entries:
    """Properties that are not declared by name, as in a map."""

    names: Node
    values: Node


@dataclass(frozen=True, slots=True)
class Record:
    """An object: its declared fields, then entries where it is a map or has too few fields."""

    fields: tuple[Field, ...]
    entries: tuple[Entries, ...] = ()
    fewest: int = 0
    most: float = inf

    def make(self, source: Source) -> dict[str, Any]:
        made = {field.name: field.node.make(source.child(field.name)) for field in self._present(source)}
        wanted = (
            self.fewest
            if self.fields or source.depth >= DEEP
            else max(self.fewest, min(self.most, source.between(1, 3)))
        )
        if self.entries and len(made) < wanted:
            self._fill(made, wanted, source)
        return made

    def height(self) -> float:
        return 1 + max((field.node.height() for field in self.fields if field.required), default=0)

    def _present(self, source: Source) -> list[Field]:
        """Every field that is required, and of the others those that can end and have room."""
        room = self.most - sum(field.required for field in self.fields)
        present = []
        for field in self.fields:
            if not field.required:
                if source.depth >= DEEP or room < 1 or field.node.height() == inf:
                    continue
                room -= 1
            present.append(field)
        return present

    def _fill(self, made: dict[str, Any], wanted: float, source: Source) -> None:
        declared = {field.name for field in self.fields}
        for number in range(int(wanted) * _TRIES):
            if len(made) >= wanted:
                return
            entries = self.entries[number % len(self.entries)]
            name = entries.names.make(source.beside(f"name {number}"))
            if name not in made and name not in declared and entries.values.height() < inf:
                made[name] = entries.values.make(source.child(name))
