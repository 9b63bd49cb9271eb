"""Texts that hold numbers: keys that stand for them, and decimals, which may be either."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kaizen_eval.fake.generation.keywords import ASSERTIONS, BY_TYPE
from kaizen_eval.fake.generation.numbers import Numbers, numbers
from kaizen_eval.fake.generation.strings import matcher
from kaizen_eval.signatures.number_patterns import INTEGER, NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kaizen_eval.fake.generation.merge import Schema
    from kaizen_eval.fake.generation.nodes import Node
    from kaizen_eval.fake.generation.source import Source

__all__ = ["NumberTexts", "decimals", "number_texts"]


@dataclass(frozen=True, slots=True)
class NumberTexts:
    """Numbers, written down."""

    numbers: Node

    def make(self, source: Source) -> str:
        return json.dumps(self.numbers.make(source))

    def height(self) -> float:
        return self.numbers.height()


def number_texts(schema: Mapping[str, Any], path: str) -> Node | None:
    """The node for the keys that stand for numbers, within the bounds beside their pattern; None for other schemas."""
    pattern = schema.get("pattern")
    if pattern not in (INTEGER, NUMBER) or not {"minLength", "maxLength", "allOf"}.isdisjoint(schema):
        return None
    return NumberTexts(numbers(schema, path, "", integer=pattern == INTEGER))


def decimals(branches: Sequence[Schema], path: str, name: str) -> dict[int, Node]:
    """The nodes for the branches by which a Decimal is described: a number, or a text that holds one as well.

    Of the text a schema says no bounds, and of the number no digits: either keeps to both. Empty for other branches.
    """
    number = _place(branches, "number", BY_TYPE["number"])
    text = _place(branches, "string", frozenset(("pattern",)))
    if number is None or text is None:
        return {}
    pattern = branches[text].get("pattern")
    node = _kept_to(pattern, numbers(branches[number], path, name, integer=False))
    return {} if node is None else {number: node, text: NumberTexts(node)}


def _place(branches: Sequence[Schema], kind: str, allowed: frozenset[str]) -> int | None:
    """Where the branch stands that says nothing but this type and what is allowed beside it."""
    for place, branch in enumerate(branches):
        if (
            isinstance(branch, dict)
            and branch.get("type") == kind
            and ASSERTIONS.intersection(branch) - allowed <= {"type"}
        ):
            return place
    return None


def _kept_to(pattern: str | None, node: Node) -> Node | None:
    """Those numbers whose text has the pattern, if any; not zero, whose digits are counted in more than one way."""
    if pattern is None:
        return node
    found = matcher(pattern)
    if found is None or not isinstance(node, Numbers):
        return None
    grid = [index for index in node.grid if index and found.search(json.dumps(node.at(index)))]
    return replace(node, grid=grid, span=None) if grid else None
