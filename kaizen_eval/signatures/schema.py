"""OpenAI's strict mode: a JSON Schema rewritten to what it takes, or an error that names the path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.errors import SignatureDefinitionError
from kaizen_eval.signatures.unsaid import said

__all__ = ["strict_schema"]

_Schema = dict[str, Any]

_KEPT = frozenset(
    {"description", "type", "enum", "const", "pattern", "format", "minItems", "maxItems"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
_FORMATS = frozenset({"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"})
_OPEN_DICT = "a dict with keys of its own; use a model, or a list of models with the key as a field"
_REFUSED = {
    "prefixItems": "a tuple with one type for each place; use a list or a model",
    "patternProperties": _OPEN_DICT,
    "not": "a negation",
    "if": "a condition",
    "dependentSchemas": "a condition",
    "dependentRequired": "a condition",
}
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
_MOST_LEVELS = 10
_MOST_PROPERTIES = 5_000
_MOST_ENUM_VALUES = 1_000


def strict_schema(schema: Mapping[str, Any], owner: str) -> _Schema:
    """Every object closed, every property required, `$defs` and recursion kept, keywords that it lacks left out.

    Raises:
        SignatureDefinitionError: for what strict mode cannot express, or refuses for its size.
    """
    rewriter = _Rewriter(schema.get("$defs", {}), owner)
    root = rewriter.rewritten(schema, owner)
    if rewriter.written:
        root["$defs"] = rewriter.written
    _refuse_large(root, owner)
    return root


class _Rewriter:
    """Rewrites a schema and, once each, those of its definitions that are still referred to."""

    def __init__(self, definitions: Mapping[str, _Schema], owner: str) -> None:
        self._definitions = definitions
        self._owner = owner
        self.written: dict[str, _Schema] = {}

    def rewritten(self, schema: Mapping[str, Any], path: str) -> _Schema:
        schema = self._without_all_of(schema, path)
        for keyword, what in _REFUSED.items():
            if keyword in schema:
                raise _inexpressible(path, what)
        if "$ref" in schema:
            return self._reference(schema, path)
        kept = {keyword: value for keyword, value in schema.items() if keyword in _KEPT and _known(keyword, value)}
        kept |= said(schema, kept)
        if options := schema.get("anyOf", schema.get("oneOf")):
            return kept | {"anyOf": [self.rewritten(option, path) for option in options]}
        return kept | self._by_type(schema, path)

    def _by_type(self, schema: Mapping[str, Any], path: str) -> _Schema:
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, path)
        if kind == "array":
            return {"items": self.rewritten(schema.get("items", {}), f"{path}[]")}
        if kind is not None:
            return {}
        if "enum" in schema or "const" in schema:
            return _type_of_values(schema.get("enum", [schema.get("const")]))
        raise _inexpressible(path, "a value of any type; give it a type")

    def _object(self, schema: Mapping[str, Any], path: str) -> _Schema:
        if schema.get("additionalProperties", "properties" not in schema) is not False:
            raise _inexpressible(path, _OPEN_DICT)
        properties = schema.get("properties", {})
        return {
            "properties": {name: self.rewritten(value, f"{path}.{name}") for name, value in properties.items()},
            "required": [*properties],
            "additionalProperties": False,
        }

    def _reference(self, schema: Mapping[str, Any], path: str) -> _Schema:
        """A bare reference stays one; beside other words it is written out, as strict mode allows no siblings."""
        name = schema["$ref"].removeprefix("#/$defs/")
        beside = {keyword: value for keyword, value in schema.items() if keyword in _KEPT}
        if beside:
            return self.rewritten({**self._definitions[name], **beside}, path)
        if name not in self.written:
            self.written[name] = {}  # recursion stops here
            self.written[name] = self.rewritten(self._definitions[name], path)
        return {"$ref": schema["$ref"]}

    def _without_all_of(self, schema: Mapping[str, Any], path: str) -> _Schema:
        merged = {keyword: value for keyword, value in schema.items() if keyword != "allOf"}
        for part in schema.get("allOf", ()):
            flat = self._without_all_of(part, path)
            if any(merged.get(keyword, value) != value for keyword, value in flat.items()):
                raise _inexpressible(path, "an allOf whose parts say different things; use one model")
            merged |= flat
        return merged


def _known(keyword: str, value: Any) -> bool:
    if keyword == "format":
        return value in _FORMATS
    return keyword != "pattern" or "(?" not in value


def _type_of_values(values: list[Any]) -> _Schema:
    kinds = [*dict.fromkeys(_JSON_TYPES[type(value)] for value in values)]
    return {"type": kinds[0] if len(kinds) == 1 else kinds}


def _refuse_large(root: _Schema, owner: str) -> None:
    nodes = [*_nodes(root)]
    if (count := sum(len(node.get("properties", ())) for node in nodes)) > _MOST_PROPERTIES:
        raise _too_large(owner, f"{count} properties, where at most {_MOST_PROPERTIES} are allowed")
    if (count := sum(len(node.get("enum", ())) for node in nodes)) > _MOST_ENUM_VALUES:
        raise _too_large(owner, f"{count} enum values, where at most {_MOST_ENUM_VALUES} are allowed")
    path = _deepest(root, root.get("$defs", {}), {})
    if len(path) > _MOST_LEVELS:
        raise _too_large(f"{owner}{''.join(path)}", f"more than {_MOST_LEVELS} levels of nesting")


def _nodes(schema: _Schema) -> Iterator[_Schema]:
    yield schema
    for _, child in _children(schema):
        yield from _nodes(child)
    for definition in schema.get("$defs", {}).values():
        yield from _nodes(definition)


def _children(schema: _Schema) -> Iterator[tuple[str, _Schema]]:
    """Each with its step of the path; an option of a union is no step."""
    yield from ((f".{name}", child) for name, child in schema.get("properties", {}).items())
    if "items" in schema:
        yield "[]", schema["items"]
    yield from (("", option) for option in schema.get("anyOf", ()))


def _deepest(schema: _Schema, definitions: Mapping[str, _Schema], known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The longest path of steps downwards; a recursion counts once."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        if name not in known:
            known[name] = ()  # recursion stops here
            known[name] = _deepest(definitions[name], definitions, known)
        return known[name]
    paths = [((step,) if step else ()) + _deepest(child, definitions, known) for step, child in _children(schema)]
    return max(paths, key=len, default=())


def _inexpressible(path: str, what: str) -> SignatureDefinitionError:
    return SignatureDefinitionError(f"{path} cannot be expressed in OpenAI's strict mode: it is {what}.")


def _too_large(path: str, what: str) -> SignatureDefinitionError:
    return SignatureDefinitionError(
        f"{path} is too large for OpenAI's strict mode: it has {what}. Ask for less at once."
    )
