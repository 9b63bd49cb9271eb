"""From a JSON Schema to a node that makes its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generation.formats import FORMATS
from kaizen_eval.fake.generation.nodes import Anything, Choice, Fixed, Never, Reference
from kaizen_eval.fake.generation.numbers import numbers
from kaizen_eval.fake.generation.records import Entries, Field, Record
from kaizen_eval.fake.generation.rows import Row
from kaizen_eval.fake.generation.strings import Text
from kaizen_eval.fake.generation.words import free_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kaizen_eval.fake.generation.nodes import Node

__all__ = ["compiled"]

Schema = Any
"""A JSON Schema: a mapping or a bool."""


def compiled(schema: Schema) -> Node:
    """The node for a whole schema."""
    compiler = _Compiler(schema)
    node = compiler.node(schema, "#", "")
    compiler.settle()
    return node


class _Compiler:
    """Compiles one schema document; remembers what `$ref` names."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._references: dict[str, Reference] = {}

    def node(self, schema: Schema, path: str, name: str) -> Node:
        if schema is False:
            return Never(path)
        if schema is True or not schema:
            return Anything(free_text(name))
        for keyword, compile_keyword in self._KEYWORDS.items():
            if keyword in schema:
                return compile_keyword(self, schema, path, name)
        return self._untyped(schema, path, name)

    def settle(self) -> None:
        """Find how deep each referenced node must go: as long as one gets less deep, others may too."""
        settled = False
        while not settled:
            settled = True
            for reference in self._references.values():
                if (height := reference.target.height()) < reference.known_height:
                    reference.known_height = height
                    settled = False

    def _reference(self, schema: Mapping[str, Any], path: str, name: str) -> Node:
        uri = schema["$ref"]
        if uri not in self._references:
            self._references[uri] = reference = Reference(Never(path))
            reference.target = self.node(self._resolved(uri, path), uri, name)
        return self._references[uri]

    def _resolved(self, uri: str, path: str) -> Schema:
        found = self._root
        for part in uri.removeprefix("#").split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(key) if isinstance(found, list) else key]
            except (KeyError, IndexError, ValueError, TypeError):
                raise ScriptError(f"{path}: {uri!r} names nothing in this schema") from None
        return found

    def _constant(self, schema: Mapping[str, Any], path: str, name: str) -> Node:  # noqa: ARG002 - one signature for all keywords
        return Fixed((schema["const"],))

    def _enum(self, schema: Mapping[str, Any], path: str, name: str) -> Node:  # noqa: ARG002 - one signature for all keywords
        return Fixed(tuple(schema["enum"])) if schema["enum"] else Never(path)

    def _any_of(self, schema: Mapping[str, Any], path: str, name: str) -> Node:
        branches = enumerate(schema["anyOf"])
        return Choice(tuple(self.node(branch, f"{path}/anyOf/{number}", name) for number, branch in branches), path)

    def _typed(self, schema: Mapping[str, Any], path: str, name: str) -> Node:
        kinds = schema["type"]
        if isinstance(kinds, list):
            return Choice(tuple(self.node({**schema, "type": kind}, path, name) for kind in kinds), path)
        return self._TYPES[kinds](self, schema, path, name)

    def _untyped(self, schema: Mapping[str, Any], path: str, name: str) -> Node:
        """Keywords that bind one type only leave the others free; but that type is what is meant."""
        for kind, keywords in _BOUND_BY_TYPE.items():
            if any(keyword in schema for keyword in keywords):
                return self._TYPES[kind](self, schema, path, name)
        return Anything(free_text(name))

    def _null(self, schema: Mapping[str, Any], path: str, name: str) -> Node:  # noqa: ARG002 - one signature for all types
        return Fixed((None,))

    def _boolean(self, schema: Mapping[str, Any], path: str, name: str) -> Node:  # noqa: ARG002 - one signature for all types
        return Fixed((True, False))

    def _integer(self, schema: Mapping[str, Any], path: str, name: str) -> Node:
        return numbers(schema, integer=True, name=name)

    def _number(self, schema: Mapping[str, Any], path: str, name: str) -> Node:
        return numbers(schema, integer=False, name=name)

    def _string(self, schema: Mapping[str, Any], path: str, name: str) -> Node:
        spoken = FORMATS.get(schema.get("format", "")) or free_text(name)
        return Text(spoken, schema.get("minLength", 0), schema.get("maxLength"))

    def _array(self, schema: Mapping[str, Any], path: str, name: str) -> Node:
        first = tuple(
            self.node(item, f"{path}/prefixItems/{place}", name)
            for place, item in enumerate(schema.get("prefixItems", ()))
        )
        rest = self.node(schema.get("items", True), f"{path}/items", name)
        return Row(first, rest, schema.get("minItems", 0), schema.get("maxItems", float("inf")))

    def _object(self, schema: Mapping[str, Any], path: str, name: str) -> Node:
        required = schema.get("required", ())
        fields = [
            Field(key, self.node(value, f"{path}/properties/{key}", key), key in required)
            for key, value in schema.get("properties", {}).items()
        ]
        others = schema.get("additionalProperties", True)
        undeclared = [key for key in required if key not in schema.get("properties", {})]
        fields += [Field(key, self.node(others, f"{path}/additionalProperties", key), True) for key in undeclared]
        entries = (
            (Entries(Text(free_text("")), self.node(others, f"{path}/additionalProperties", "")),) if others else ()
        )
        return Record(tuple(fields), entries, schema.get("minProperties", 0), schema.get("maxProperties", float("inf")))

    _KEYWORDS: dict[str, Callable[[_Compiler, Mapping[str, Any], str, str], Node]] = {
        "$ref": _reference,
        "const": _constant,
        "enum": _enum,
        "anyOf": _any_of,
        "type": _typed,
    }
    _TYPES: dict[str, Callable[[_Compiler, Mapping[str, Any], str, str], Node]] = {
        "null": _null,
        "boolean": _boolean,
        "integer": _integer,
        "number": _number,
        "string": _string,
        "array": _array,
        "object": _object,
    }


_BOUND_BY_TYPE = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
