"""Shapes that are made of others: lists, objects, choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kaizen_eval.handwritten.nodes import Kind, Node
from kaizen_eval.handwritten.problems import Problems
from kaizen_eval.handwritten.shapes import Meaning, Shape, check, try_meaning
from kaizen_eval.suggestion import suggestion

__all__ = ["ByKey", "Either", "Field", "ListOf", "MapOf", "Named", "Object"]


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Shape
    expected: str = "a list"
    least: int = 0
    most: int | None = None
    kinds: frozenset[Kind] = frozenset({"list"})

    def check(self, node: Node, problems: Problems) -> None:
        items = node.items or ()
        if len(items) < self.least or (self.most is not None and len(items) > self.most):
            problems.add(node, f"expected {self.expected}, not one of {len(items)}.")
        for item in items:
            check(self.item, item, problems)

    def schema(self) -> dict[str, Any]:
        most = {} if self.most is None else {"maxItems": self.most}
        return {"type": "array", "items": self.item.schema()} | ({"minItems": self.least} if self.least else {}) | most


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with names of the user's own."""

    value: Shape
    expected: str
    meaning: Meaning | None = None
    """Tried on each name."""
    may_be_empty: bool = False
    kinds: frozenset[Kind] = frozenset({"object"})

    def check(self, node: Node, problems: Problems) -> None:
        if not node.fields and not self.may_be_empty:
            problems.add(node, f"expected {self.expected}, not an empty object.")
        for name, item in (node.fields or {}).items():
            if not name:
                problems.add(node.keys[name], f"expected {self.expected}, not an empty name.")
            elif self.meaning is not None:
                try_meaning(self.meaning, Node(node.keys[name], name), problems)
            check(self.value, item, problems)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            **({} if self.may_be_empty else {"minProperties": 1}),
            "propertyNames": {"minLength": 1},
            "additionalProperties": self.value.schema(),
        }


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object."""

    shape: Shape
    about: str = ""


@dataclass(frozen=True, slots=True)
class Object:
    """An object with these fields and no others."""

    what: str
    """A noun: "a rule"."""
    fields: Mapping[str, Field]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    """Exactly one of these is needed."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Fields that are given only beside another."""
    may_be_empty: bool = True
    meaning: Meaning | None = None
    kinds: frozenset[Kind] = frozenset({"object"})

    @property
    def expected(self) -> str:
        return f"{self.what} ({', '.join(self.fields)})"

    def check(self, node: Node, problems: Problems) -> None:
        before = len(problems)
        fields = node.fields or {}
        for name, item in fields.items():
            if name in self.fields:
                check(self.fields[name].shape, item, problems)
            else:
                known = ", ".join(self.fields) or "nothing"
                near = suggestion(name, self.fields)
                problems.add(node.keys[name], f"{self.what} has no {name!r}{near} It takes: {known}.")
        self._check_whole(node, problems)
        if len(problems) == before:
            try_meaning(self.meaning, node, problems)

    def _check_whole(self, node: Node, problems: Problems) -> None:
        for name in self.required:
            if name not in node:
                problems.add(node, f"{self.what} needs {name!r}.")
        given = [name for name in self.one_of if name in node]
        if self.one_of and len(given) != 1:
            known = ", ".join(self.one_of)
            came = f"has {' and '.join(given)}; it takes one of them" if given else f"needs one of: {known}"
            problems.add(node.keys[given[1]] if given else node, f"{self.what} {came}.")
        for name, other in self.needs.items():
            if name in node and other not in node:
                problems.add(node.keys[name], f"{self.what} has {name!r} only beside {other!r}.")
        if not self.may_be_empty and not node.fields:
            problems.add(node, f"{self.what} is empty; it takes: {', '.join(self.fields)}.")

    def schema(self) -> dict[str, Any]:
        named = {name: _described(given) for name, given in self.fields.items()}
        schema: dict[str, Any] = {"type": "object", "properties": named, "additionalProperties": False}
        if self.required:
            schema["required"] = list(self.required)
        if self.one_of:
            schema["oneOf"] = [{"required": [name]} for name in self.one_of]
        if self.needs:
            schema["dependentRequired"] = {name: [other] for name, other in self.needs.items()}
        return schema if self.may_be_empty else schema | {"minProperties": 1}


@dataclass(frozen=True, slots=True)
class Either:
    """One of several shapes, told apart by what kind of value stands there."""

    options: tuple[Shape, ...]

    @property
    def expected(self) -> str:
        *most, last = (option.expected for option in self.options)
        return f"{', '.join(most)} or {last}" if most else last

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset().union(*(option.kinds for option in self.options))

    def check(self, node: Node, problems: Problems) -> None:
        next(option for option in self.options if node.kind in option.kinds).check(node, problems)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [option.schema() for option in self.options]}


@dataclass(frozen=True, slots=True)
class ByKey:
    """One of several objects, told apart by the first of these fields that is there; each needs its own."""

    what: str
    options: Mapping[str, Object]
    kinds: frozenset[Kind] = frozenset({"object"})

    @property
    def expected(self) -> str:
        return f"{self.what} ({', '.join(self.options)})"

    def check(self, node: Node, problems: Problems) -> None:
        for name, option in self.options.items():
            if name in node:
                option.check(node, problems)
                return
        known = ", ".join(self.options)
        for name in node.fields or {}:
            near = suggestion(name, self.options)
            problems.add(node.keys[name], f"{self.what} has no {name!r}{near} It has one of: {known}.")
        if not node.fields:
            problems.add(node, f"{self.what} has one of: {known}.")

    def schema(self) -> dict[str, Any]:
        schemas = ((name, option.schema()) for name, option in self.options.items())
        return {"anyOf": [schema | {"required": _with(name, schema.get("required", ()))} for name, schema in schemas]}


@dataclass(frozen=True, slots=True)
class Named:
    """A shape by its name, so that it may hold itself; the schema of each stands once, under `$defs`."""

    name: str
    shape: Callable[[], Shape]

    @property
    def expected(self) -> str:
        return self.shape().expected

    @property
    def kinds(self) -> frozenset[Kind]:
        return self.shape().kinds

    def check(self, node: Node, problems: Problems) -> None:
        self.shape().check(node, problems)

    def schema(self) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self.name}"}


def _described(given: Field) -> dict[str, Any]:
    return given.shape.schema() | ({"description": given.about} if given.about else {})


def _with(name: str, required: Sequence[str]) -> list[str]:
    return [name, *(other for other in required if other != name)]
