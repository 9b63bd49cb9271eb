"""What the service refuses in the JSON Schemas of a request, in its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from reprlib import repr as _shown
from typing import Any, NamedTuple

from kaizen_eval.fake.wire.chat.known import Known
from kaizen_eval.fake.wire.errors import Rejection

__all__ = ["check_output_schema", "check_parameters", "is_known_strict"]

_NOT_PERMITTED = (
    *("allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties"),
    *("prefixItems", "propertyNames", "uniqueItems", "contains", "unevaluatedProperties", "unevaluatedItems"),
)
_DEFINITIONS = ("$defs", "definitions")
_MOST_LEVELS = 10
_MOST_PROPERTIES = 5_000
_MOST_ENUM_VALUES = 1_000
_LOOSE, _STRICT = Known(), Known()

_Refuse = Callable[[str], Rejection]
"""Of what is wrong."""


class _Node(NamedTuple):
    """A schema, and where it stands."""

    schema: Any
    outer: _Node | None = None
    steps: tuple[str, ...] = ()
    """From the outer one."""
    level: int = 0

    def path(self) -> tuple[str, ...]:
        """From the root; found only when it is asked for, as schemas may be deep."""
        steps: list[str] = []
        node: _Node | None = self
        while node is not None:
            steps[:0] = node.steps
            node = node.outer
        return tuple(steps)


def check_output_schema(name: str, schema: object) -> None:
    """_Refuse a strict `response_format` that the service does not take."""

    def refuse(what: str) -> Rejection:
        return Rejection(f"Invalid schema for response_format '{name}': {what}", param="response_format")

    _once(schema, _STRICT, _check_strict, refuse)


def is_known_strict(schema: object) -> bool:
    """Whether one that holds the same was found to be in order before."""
    return _STRICT.has(schema)


def check_parameters(path: str, name: str, schema: object, *, strict: bool) -> None:
    """_Refuse the `parameters` of a function, which stand at this path."""

    def refuse(what: str) -> Rejection:
        message = f"Invalid schema for function '{name}': {what}"
        return Rejection(message, param=path, code="invalid_function_parameters")

    if schema == {}:
        return
    if strict:
        _once(schema, _STRICT, _check_strict, refuse)
    else:
        _once(schema, _LOOSE, _check_loose, refuse)


def _once(schema: object, known: Known, check: Callable[[object, _Refuse], None], refuse: _Refuse) -> None:
    if not known.has(schema):
        check(schema, refuse)
        known.note(schema)


def _check_loose(schema: object, refuse: _Refuse) -> None:
    """What any function must keep to."""
    root = _root(schema, refuse)
    if "properties" not in root:
        raise refuse("In context=(), object schema missing properties.")
    for node in _nodes(root):
        if isinstance(node.schema, Mapping) and _is("array", node.schema) and "items" not in node.schema:
            raise refuse(f"In context={node.path()}, array schema missing items.")


def _check_strict(schema: object, refuse: _Refuse) -> None:
    root = _root(schema, refuse)
    properties = enum_values = 0
    for node in _nodes(root):
        for problem in _problems(node, root):
            raise refuse(f"In context={node.path()}, {problem}")
        properties += len(_mapping(node.schema.get("properties")))
        enum_values += len(node.schema.get("enum", ()))
    if properties > _MOST_PROPERTIES:
        raise refuse(f"Expected at most {_MOST_PROPERTIES} object properties in total, but got {properties}.")
    if enum_values > _MOST_ENUM_VALUES:
        raise refuse(f"Expected at most {_MOST_ENUM_VALUES} enum values in total, but got {enum_values}.")


def _root(schema: object, refuse: _Refuse) -> Mapping[str, Any]:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if not isinstance(schema, Mapping) or kind != "object":
        raise refuse(f"""schema must be a JSON Schema of 'type: "object"', got 'type: "{kind}"'.""")
    return schema


def _problems(node: _Node, root: Mapping[str, Any]) -> Iterator[str]:
    schema = node.schema
    if not isinstance(schema, Mapping):
        yield f"{_shown(schema)} is not of type 'object'."
        return
    if node.level > _MOST_LEVELS:
        yield f"schema exceeds the maximum of {_MOST_LEVELS} levels of nesting."
    yield from (f"'{keyword}' is not permitted." for keyword in _NOT_PERMITTED if keyword in schema)
    if "$ref" in schema:
        yield from _reference_problems(schema, root)
    elif "type" not in schema and "anyOf" not in schema:
        yield "schema must have a 'type' key."
    if _is("object", schema):
        yield from _object_problems(schema)
    if _is("array", schema) and "items" not in schema:
        yield "array schema missing items."
    if not isinstance(schema.get("enum", []), list):
        yield f"{_shown(schema['enum'])} is not of type 'array'."


def _reference_problems(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    if beside := sorted(schema.keys() - {"$ref", *_DEFINITIONS}):
        yield f"$ref cannot have keywords {{{', '.join(map(repr, beside))}}}."
    uri = schema["$ref"]
    place, _, name = str(uri).removeprefix("#/").partition("/")
    if uri != "#" and (place not in _DEFINITIONS or name not in _mapping(root.get(place))):
        yield "reference can only point to definitions defined at the top level of the schema."


def _object_problems(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield "'additionalProperties' is required to be supplied and to be false."
    required = schema.get("required")
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    properties = _mapping(schema.get("properties"))
    array = "'required' is required to be supplied and to be an array including every key in properties."
    yield from (f"{array} Missing '{name}'." for name in properties if name not in names)
    yield from (f"{array} Extra required key '{name}' supplied." for name in names if name not in properties)


def _nodes(root: Mapping[str, Any]) -> Iterator[_Node]:
    """The root, then the schemas within, in order; a list of them instead of recursion, which JSON may exhaust."""
    waiting = [_Node(root)]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node.schema, Mapping):
            waiting += reversed([*_inner(node)])


def _inner(node: _Node) -> Iterator[_Node]:
    schema, level = node.schema, node.level
    for name, held in _mapping(schema.get("properties")).items():
        yield _Node(held, node, ("properties", name), level + 1)
    if isinstance(schema.get("items"), Mapping):
        yield _Node(schema["items"], node, ("items",), level + 1)
    options = schema.get("anyOf")
    for place, option in enumerate(options if isinstance(options, list) else ()):
        yield _Node(option, node, ("anyOf", str(place)), level)
    for keyword in _DEFINITIONS:
        for name, held in _mapping(schema.get(keyword)).items():
            yield _Node(held, node, (keyword, name))


def _is(kind: str, schema: Mapping[str, Any]) -> bool:
    given = schema.get("type")
    return given == kind or (isinstance(given, list) and kind in given)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
