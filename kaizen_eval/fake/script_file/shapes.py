"""Shapes: what may stand where in a script file; each checks a node, and says the same as JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.json_match import json_equal
from kaizen_eval.fake.script_file.nodes import Kind, Node
from kaizen_eval.fake.script_file.problems import Problems
from kaizen_eval.suggestion import suggestion

__all__ = [
    "Anything",
    "ByKey",
    "Either",
    "Field",
    "Flag",
    "Just",
    "ListOf",
    "MapOf",
    "Named",
    "Nothing",
    "Number",
    "Object",
    "Shape",
    "Text",
    "Whole",
    "Word",
    "check",
    "is_well_formed",
]

Meaning = Callable[[Any], object]
"""Tries what no schema can say, such as whether a pattern is one; raises a ScriptError."""


class Shape(Protocol):
    """One thing that may stand in a file."""

    @property
    def expected(self) -> str:
        """In words, as in "expected a text"."""
        ...

    @property
    def kinds(self) -> frozenset[Kind]:
        """What a value must be for the shape to be meant at all."""
        ...

    def check(self, node: Node, problems: Problems) -> None:
        """Take note of everything that is wrong with a node of one of these kinds."""
        ...

    def schema(self) -> dict[str, Any]:
        """The same as a JSON Schema."""
        ...


def check(shape: Shape, node: Node, problems: Problems) -> None:
    """Take note of everything for which a node does not have the shape."""
    if node.kind in shape.kinds:
        shape.check(node, problems)
    else:
        problems.expected(shape.expected, node, kinds=shape.kinds)


def is_well_formed(shape: Shape, node: Node) -> bool:
    """Whether a node has the shape; what is wrong is not told."""
    problems = Problems("")
    check(shape, node, problems)
    return not len(problems)


def _try(meaning: Meaning | None, node: Node, problems: Problems) -> None:
    if meaning is None:
        return
    try:
        meaning(node.json())
    except ScriptError as error:
        problems.add(node, str(error))


@dataclass(frozen=True, slots=True)
class Text:
    expected: str = "a text"
    may_be_empty: bool = False
    but: tuple[str, ...] = ()
    """Texts that would be misunderstood."""
    instead: str = ""
    """What to write for those."""
    meaning: Meaning | None = None
    kinds: frozenset[Kind] = frozenset({"text"})

    def check(self, node: Node, problems: Problems) -> None:
        text = str(node.scalar)
        if not text and not self.may_be_empty:
            problems.add(node, f"expected {self.expected}, not an empty one.")
        elif text in self.but:
            problems.add(node, self.instead.format(text=text))
        else:
            _try(self.meaning, node, problems)

    def schema(self) -> dict[str, Any]:
        least = {} if self.may_be_empty else {"minLength": 1}
        return {"type": "string"} | least | ({"not": {"enum": list(self.but)}} if self.but else {})


@dataclass(frozen=True, slots=True)
class Word:
    """One of some texts."""

    expected: str
    words: tuple[str, ...]
    others: Mapping[str, str] = field(default_factory=dict)
    """Words that are known and cannot stand here, with the reason."""
    kinds: frozenset[Kind] = frozenset({"text"})

    def check(self, node: Node, problems: Problems) -> None:
        word = str(node.scalar)
        if word in self.others:
            problems.add(node, self.others[word])
        elif word not in self.words:
            known = ", ".join(self.words)
            problems.add(node, f"{word!r} is not {self.expected}{suggestion(word, self.words)} There are: {known}.")

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Flag:
    expected: str = "true or false"
    kinds: frozenset[Kind] = frozenset({"flag"})

    def check(self, node: Node, problems: Problems) -> None:
        """Either is right."""

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Nothing:
    expected: str = "null"
    kinds: frozenset[Kind] = frozenset({"null"})

    def check(self, node: Node, problems: Problems) -> None:
        """It is right."""

    def schema(self) -> dict[str, Any]:
        return {"type": "null"}


@dataclass(frozen=True, slots=True)
class Just:
    """One value and no other."""

    value: float | str
    kinds: frozenset[Kind] = frozenset({"null", "flag", "whole", "number", "text", "list", "object"})

    @property
    def expected(self) -> str:
        return str(self.value).lower()

    def check(self, node: Node, problems: Problems) -> None:
        if not json_equal(node.json(), self.value):
            problems.expected(self.expected, node)

    def schema(self) -> dict[str, Any]:
        return {"const": self.value}


@dataclass(frozen=True, slots=True)
class Whole:
    least: int | None = None
    kinds: frozenset[Kind] = frozenset({"whole"})

    @property
    def expected(self) -> str:
        return "a whole number" if self.least is None else f"a whole number from {self.least}"

    def check(self, node: Node, problems: Problems) -> None:
        if self.least is not None and node.json() < self.least:
            problems.expected(self.expected, node)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer"} | ({} if self.least is None else {"minimum": self.least})


@dataclass(frozen=True, slots=True)
class Number:
    expected: str = "a number"
    least: float | None = None
    above: float | None = None
    most: float | None = None
    kinds: frozenset[Kind] = frozenset({"whole", "number"})

    def check(self, node: Node, problems: Problems) -> None:
        value = node.json()
        low = self.least is not None and value < self.least
        low = low or (self.above is not None and value <= self.above)
        if low or (self.most is not None and value > self.most):
            problems.expected(self.expected, node)

    def schema(self) -> dict[str, Any]:
        bounds = {"minimum": self.least, "exclusiveMinimum": self.above, "maximum": self.most}
        return {"type": "number"} | {name: bound for name, bound in bounds.items() if bound is not None}


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value."""

    expected: str = "a value"
    meaning: Meaning | None = None
    """Tried on each text in it."""
    kinds: frozenset[Kind] = frozenset({"null", "flag", "whole", "number", "text", "list", "object"})

    def check(self, node: Node, problems: Problems) -> None:
        for text in node.texts():
            _try(self.meaning, text, problems)

    def schema(self) -> dict[str, Any]:
        return {}


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
    kinds: frozenset[Kind] = frozenset({"object"})

    def check(self, node: Node, problems: Problems) -> None:
        if not node.fields:
            problems.add(node, f"expected {self.expected}, not an empty object.")
        for name, item in (node.fields or {}).items():
            if not name:
                problems.add(node.keys[name], f"expected {self.expected}, not an empty name.")
            elif self.meaning is not None:
                _try(self.meaning, Node(node.keys[name], name), problems)
            check(self.value, item, problems)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "minProperties": 1,
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
            _try(self.meaning, node, problems)

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
