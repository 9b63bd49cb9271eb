"""Objects."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generation.merge import merged
from kaizen_eval.fake.generation.nodes import DEEP, Never
from kaizen_eval.fake.generation.strings import Text, matcher
from kaizen_eval.fake.generation.words import entry_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kaizen_eval.fake.generation.merge import Schema
    from kaizen_eval.fake.generation.nodes import Node
    from kaizen_eval.fake.generation.source import Source

__all__ = ["Entries", "Field", "Record", "record"]

_SAYS_OF_ENTRIES = {"additionalProperties", "minProperties", "patternProperties", "propertyNames"}
"""Without a word of these, an object of no declared properties, as of a tool without parameters, is empty."""
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

    def name(self, source: Source) -> str | None:
        """None where this draw led to none."""
        try:
            return str(self.names.make(source))
        except ScriptError:
            return None

    def height(self) -> float:
        return max(self.names.height(), self.values.height())


@dataclass(frozen=True, slots=True)
class Record:
    """An object: its declared fields, then entries where it is a map or has too few fields."""

    path: str
    fields: tuple[Field, ...]
    entries: tuple[Entries, ...] = ()
    fewest: int = 0
    most: float = inf
    is_map: bool = False
    """Whether it has entries where it needs none."""

    def make(self, source: Source) -> dict[str, Any]:
        made = self._declared(source)
        possible = [entries for entries in self.entries if entries.height() < inf]
        if possible:
            self._fill(made, possible, source)
        if len(made) < self.fewest:
            raise ScriptError(f"too few names were found for the object at {self.path}: {len(made)} of {self.fewest}")
        return made

    def _declared(self, source: Source) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for field in self._present(source):
            try:
                made[field.name] = field.node.make(source.child(field.name))
            except ScriptError:  # an optional field for which no value is found is left out
                if field.required:
                    raise
        return made

    def height(self) -> float:
        needed = [field.node.height() for field in self.fields if field.required]
        if (missing := self.fewest - len(needed)) > 0:
            entry = self._entry_height()
            optional = [field.node.height() for field in self.fields if not field.required]
            needed += sorted([*optional, *[entry] * missing])[:missing]
        return 1 + max(needed, default=0)

    def _present(self, source: Source) -> list[Field]:
        """Every field that is required, and of the others those that can end and for which there is room."""
        optional = [field for field in self.fields if not field.required and field.node.height() < inf]
        if source.depth >= DEEP:
            optional = [field for field in optional if field.node.height() <= self._entry_height()]
        required = sum(field.required for field in self.fields)
        room = min(self.most - required, max(self.fewest - required, _room(source.depth)))
        if len(optional) > room:
            optional = sorted(optional, key=lambda field: _turn(field, source))[: int(room)]
        present = {field.name for field in optional}
        return [field for field in self.fields if field.required or field.name in present]

    def _entry_height(self) -> float:
        return min((entries.height() for entries in self.entries), default=inf)

    def _wanted(self, source: Source) -> int:
        """How many properties: a map has one to three."""
        if not self.is_map or source.depth >= DEEP:
            return self.fewest
        return max(self.fewest, int(min(self.most, source.between(1, 3))))

    def _fill(self, made: dict[str, Any], possible: list[Entries], source: Source) -> None:
        declared = {field.name for field in self.fields}
        wanted = self._wanted(source)
        for number in range(wanted * _TRIES):
            if len(made) >= wanted or not possible:
                return
            entries = possible[number % len(possible)]
            name = entries.name(source.beside(f"name {number}"))
            if name is None or name in made or name in declared:
                continue
            try:
                made[name] = entries.values.make(source.child(name))
            except ScriptError:  # other entries may have values
                possible = [other for other in possible if other is not entries]


def _room(depth: int) -> float:
    """For how many optional fields: deep inside fewer, or values that hold themselves would grow without end."""
    return 16 >> depth if 0 < depth < DEEP else 0 if depth else inf


def _turn(field: Field, source: Source) -> tuple[float, int]:
    """By which optional fields are preferred: drawn by lot, but deep inside those that end soonest."""
    return field.node.height() if source.depth >= DEEP else 0, source.child(field.name).below(1 << 32)


def record(schema: dict[str, Any], path: str, node: Callable[[Schema, str, str], Node]) -> Node:
    """The node for a schema of objects; `node` compiles the schemas of their properties."""
    required = _required(schema)
    fields = [
        Field(name, node(_value_schema(schema, name), f"{path}/properties/{name}", name), name in required)
        for name in dict.fromkeys([*schema.get("properties", ()), *required])
    ]
    made = Record(
        path,
        tuple(fields),
        tuple(_entries(schema, path, node)),
        fewest=int(schema.get("minProperties", 0)),
        most=schema.get("maxProperties", inf),
        is_map=not fields and ("properties" not in schema or not _SAYS_OF_ENTRIES.isdisjoint(schema)),
    )
    return made if max(made.fewest, len(required)) <= made.most else Never(path)


def _required(schema: dict[str, Any]) -> list[str]:
    """What is required, also because something else is there: optional properties usually are."""
    dependents = schema.get("dependentRequired", {})
    names = list(schema.get("required", ()))
    for name in (present := [*schema.get("properties", ()), *names]):
        for other in dependents.get(name, ()):
            if other not in names:
                names.append(other)
                present.append(other)
    return names


def _value_schema(schema: dict[str, Any], name: str) -> Schema:
    """What the property of that name has to fit."""
    schemas = [value for pattern, value in _patterns(schema) if _matches(pattern, name)]
    if name in schema.get("properties", ()):
        schemas.insert(0, schema["properties"][name])
    value = schemas[0] if schemas else _undeclared(schema)
    for other in schemas[1:]:
        value = merged(value, other)
    return value


def _entries(schema: dict[str, Any], path: str, node: Callable[[Schema, str, str], Node]) -> Iterator[Entries]:
    for pattern, value in _patterns(schema):
        names = merged({"type": "string", "pattern": pattern}, schema.get("propertyNames", True))
        yield Entries(node(names, f"{path}/propertyNames", ""), node(value, f"{path}/patternProperties/{pattern}", ""))
    value = node(_undeclared(schema), f"{path}/additionalProperties", "")
    if "propertyNames" in schema:
        names = merged({"type": "string"}, schema["propertyNames"])
        yield Entries(node(names, f"{path}/propertyNames", ""), value)
    else:
        yield Entries(Text(entry_name), value)


def _patterns(schema: dict[str, Any]) -> list[tuple[str, Schema]]:
    """In an order that does not depend on how the schema was written."""
    return sorted(schema.get("patternProperties", {}).items(), key=lambda item: item[0])


def _undeclared(schema: dict[str, Any]) -> Schema:
    return schema.get("additionalProperties", schema.get("unevaluatedProperties", True))


def _matches(pattern: str, name: str) -> bool:
    found = matcher(pattern)
    return found is not None and found.search(name) is not None
