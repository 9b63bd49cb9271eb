"""From a JSON Schema to a node that makes its values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generation.checks import accepts
from kaizen_eval.fake.generation.document import definitions_of, referred
from kaizen_eval.fake.generation.keywords import ASSERTIONS, AWKWARD, BY_TYPE, COMBINING, REFERRING, is_of_type
from kaizen_eval.fake.generation.moments import moments
from kaizen_eval.fake.generation.nodes import Anything, Checked, Fixed, Never, Node, Reference, one_of
from kaizen_eval.fake.generation.number_texts import decimals, number_texts
from kaizen_eval.fake.generation.numbers import numbers
from kaizen_eval.fake.generation.records import record
from kaizen_eval.fake.generation.rows import row
from kaizen_eval.fake.generation.strings import matcher, string
from kaizen_eval.fake.generation.ways import ways
from kaizen_eval.fake.generation.words import free_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaizen_eval.fake.generation.merge import Schema

__all__ = ["Compiled", "compiled"]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A schema, ready to make values."""

    node: Node
    exact: bool
    """Every value that the node makes fits; otherwise each has to be checked."""


def compiled(schema: Schema) -> Compiled:
    """The node for a whole schema document. Raises ScriptError where it refers to what it does not hold."""
    compiler = _Compiler(schema)
    node = compiler.node(schema, "#", "")
    compiler.settle()
    return Compiled(node, compiler.exact)


class _Compiler:
    """Compiles one document. `path` is where a schema stands, for messages; `name` its property, for readable text."""

    def __init__(self, document: Schema) -> None:
        self.exact = True
        self._document = document
        self._definitions = definitions_of(document)
        self._references: dict[tuple[str, str], Reference] = {}

    def node(self, schema: Schema, path: str, name: str) -> Node:
        if schema is False:
            return Never(path)
        keywords = ASSERTIONS.intersection(() if schema is True else schema)
        node = self._unchecked(schema, keywords, path, name)
        if keywords.isdisjoint(AWKWARD) and (len(keywords) == 1 or keywords.isdisjoint(REFERRING)):
            return node
        return self._checked(schema, node, path)

    def _unchecked(self, schema: Schema, keywords: frozenset[str], path: str, name: str) -> Node:
        match sorted(keywords):
            case []:
                return Anything(free_text(name))
            case [("$ref" | "$dynamicRef") as keyword]:
                return self._once((schema[keyword], ""), lambda: self._target(schema[keyword]))
            case [("anyOf" | "oneOf") as keyword]:
                return self._choice(schema, keyword, path, name)
        if keywords & (COMBINING | REFERRING):
            return self._once((json.dumps(schema), name), lambda: self._combined(schema, path, name))
        return self._plain(schema, path, name)

    def settle(self) -> None:
        """Find how deep each referenced node must go: while one gets less deep, others may too."""
        settled = False
        while not settled:
            settled = True
            for reference in self._references.values():
                if (height := reference.target.height()) < reference.known_height:
                    reference.known_height, settled = height, False

    def _once(self, key: tuple[str, str], build: Callable[[], Node]) -> Node:
        """The node under a key, which may stand inside itself."""
        if key not in self._references:
            self._references[key] = reference = Reference(Never(key[0]), key[0])
            reference.target = build()
        return self._references[key]

    def _target(self, uri: str) -> Node:
        return self.node(referred(self._document, uri), uri, "")

    def _choice(self, schema: Schema, keyword: str, path: str, name: str) -> Node:
        branches = schema[keyword]
        known = decimals(branches, path, name)
        nodes = (
            known.get(place) or self.node(branch, f"{path}/{keyword}/{place}", name)
            for place, branch in enumerate(branches)
        )
        return one_of(nodes, path)

    def _combined(self, schema: Schema, path: str, name: str) -> Node:
        plain = ways(schema, self._document)
        return one_of((self._plain(way, path, name) for way in plain), path)

    def _checked(self, schema: Schema, node: Node, path: str) -> Node:
        """A node whose values are looked at where they are made, if the schema can stand by itself."""
        self.exact = False
        if self._definitions is None:
            return node
        try:
            return Checked(node, accepts({**schema, **self._definitions}), path)
        except ScriptError:  # it cannot, or is no schema at all: the whole document is judged elsewhere
            return node

    def _plain(self, schema: Schema, path: str, name: str) -> Node:
        """A schema without combining keywords."""
        if schema is True or not ASSERTIONS.intersection(schema):
            return Anything(free_text(name))
        if "const" in schema or "enum" in schema:
            return self._listed(schema, path)
        kinds = schema.get("type") or _meant_type(schema)
        if isinstance(kinds, list):
            return one_of((self._of_type(kind, schema, path, name) for kind in kinds), path)
        return self._of_type(kinds, schema, path, name)

    def _listed(self, schema: Schema, path: str) -> Node:
        values = schema["enum"] if "enum" in schema else [schema["const"]]
        rest = ASSERTIONS.intersection(schema) - {"enum"}
        if rest == {"type"}:
            values = [value for value in values if is_of_type(value, schema["type"])]
        elif rest - {"const"} or ("enum" in schema and "const" in schema):
            fits = accepts({**schema, **(self._definitions or {})})
            values = [value for value in values if fits(value)]
        return Fixed(tuple(values)) if values else Never(path)

    def _of_type(self, kind: str, schema: Schema, path: str, name: str) -> Node:
        match kind:
            case "null":
                return Fixed((None,))
            case "boolean":
                return Fixed((True, False))
            case "integer" | "number":
                return numbers(schema, path, name, integer=kind == "integer")
            case "array":
                return row(schema, path, name, self.node)
            case "object":
                return record(schema, path, self.node)
            case "string":
                return self._string(schema, path, name)
            case _:
                raise ValueError(kind)

    def _string(self, schema: Schema, path: str, name: str) -> Node:
        node = moments(schema, path) or number_texts(schema, path) or string(schema, path, name)
        if "pattern" in schema and matcher(schema["pattern"]) is None:
            return self._checked(schema, node, path)
        return node


def _meant_type(schema: Schema) -> str:
    """Keywords of one type leave the values of others free, but that type is what is meant."""
    return next((kind for kind, keywords in BY_TYPE.items() if not keywords.isdisjoint(schema)), "string")
