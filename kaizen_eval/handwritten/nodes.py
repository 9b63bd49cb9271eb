"""Node: a value in a file, with the place where it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

__all__ = ["Kind", "Node", "Spot"]

Kind = Literal["null", "flag", "whole", "number", "text", "list", "object"]


class Spot(NamedTuple):
    """A place in a file, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON value."""

    spot: Spot
    scalar: str | float | bool | None = None
    items: tuple[Node, ...] | None = None
    """Of a list."""
    fields: Mapping[str, Node] | None = None
    """Of an object."""
    keys: Mapping[str, Spot] = field(default_factory=dict)
    """Where the names of an object's fields are written."""
    written: str = ""
    """A value that is no text, as it is written."""

    @property
    def kind(self) -> Kind:
        if self.fields is not None:
            return "object"
        if self.items is not None:
            return "list"
        if isinstance(self.scalar, bool):
            return "flag"
        if isinstance(self.scalar, int | float):
            return "whole" if self.scalar % 1 == 0 else "number"
        return "null" if self.scalar is None else "text"

    def json(self) -> Any:
        """The value by itself."""
        if self.fields is not None:
            return {name: node.json() for name, node in self.fields.items()}
        return self.scalar if self.items is None else [node.json() for node in self.items]

    def __getitem__(self, name: str) -> Node:
        return (self.fields or {})[name]

    def __contains__(self, name: str) -> bool:
        return name in (self.fields or {})

    def get(self, name: str) -> Node | None:
        """The field of an object."""
        return (self.fields or {}).get(name)

    def texts(self) -> Iterator[Node]:
        """Every text in the value, the names of fields aside."""
        if self.kind == "text":
            yield self
        for node in self.items or ():
            yield from node.texts()
        for node in (self.fields or {}).values():
            yield from node.texts()
