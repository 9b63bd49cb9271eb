"""Shapes: what may stand in a file, and the plain ones; each checks a node, and says the same as JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kaizen_eval.errors import UsageError
from kaizen_eval.handwritten.equality import json_equal
from kaizen_eval.handwritten.nodes import Kind, Node
from kaizen_eval.handwritten.problems import Problems
from kaizen_eval.suggestion import suggestion

__all__ = [
    "Anything",
    "Flag",
    "Just",
    "Meaning",
    "Nothing",
    "Number",
    "Shape",
    "Text",
    "Whole",
    "Word",
    "check",
    "is_well_formed",
    "try_meaning",
]

Meaning = Callable[[Any], object]
"""Tries what no schema can say, such as whether a pattern is one; raises a UsageError."""


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


def try_meaning(meaning: Meaning | None, node: Node, problems: Problems) -> None:
    """Take note of what only code can tell of a node."""
    if meaning is None:
        return
    try:
        meaning(node.json())
    except UsageError as error:
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
            try_meaning(self.meaning, node, problems)

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
            try_meaning(self.meaning, text, problems)

    def schema(self) -> dict[str, Any]:
        return {}
