"""Two JSON Schemas in one: what fits both."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Schema", "merged"]

Schema = Any
"""A JSON Schema: a dict or a bool."""

_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


def merged(one: Schema, other: Schema) -> Schema:
    """A schema for what fits both. Keywords that do not merge are kept side by side in `allOf`."""
    if one is False or other is False:
        return False
    if one is True or other is True:
        return one if other is True else other
    both = {**one, **_properties(one, other)}
    for keyword, value in other.items():
        if keyword == "properties":
            continue
        if keyword not in both or both[keyword] == value:
            both[keyword] = value
        elif keyword in _MERGED:
            both[keyword] = _MERGED[keyword](both[keyword], value)
        elif keyword not in _ANNOTATIONS:
            both["allOf"] = [*both.get("allOf", ()), {keyword: value}]
    return both if both.get("type") != [] and both.get("enum") != [] else False


def _properties(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    left, right = one.get("properties", {}), other.get("properties", {})
    names = {**left, **right}
    found = {name: merged(left.get(name, _rest(one)), right.get(name, _rest(other))) for name in names}
    return {"properties": found} if found else {}


def _rest(schema: dict[str, Any]) -> Schema:
    """What a property has to fit that is not declared; with patterns, that depends on its name."""
    return True if "patternProperties" in schema else schema.get("additionalProperties", True)


def _types(one: Any, other: Any) -> list[str]:
    left, right = ({kinds} if isinstance(kinds, str) else set(kinds) for kinds in (one, other))
    for kinds in (left, right):
        if "number" in kinds:
            kinds.add("integer")
    common = left & right
    return [kind for kind in _TYPES if kind in common and not (kind == "integer" and "number" in common)]


def _multiple(one: Any, other: Any) -> Any:
    left, right = Fraction(repr(one)), Fraction(repr(other))
    both = Fraction(
        lcm(left.numerator * right.denominator, right.numerator * left.denominator),
        left.denominator * right.denominator,
    )
    return both.numerator if both.denominator == 1 else float(both)


def _by_name(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {**one, **{name: merged(one.get(name, True), schema) for name, schema in other.items()}}


def _names_by_name(one: dict[str, list[str]], other: dict[str, list[str]]) -> dict[str, list[str]]:
    return {**one, **{name: _union(one.get(name, []), names) for name, names in other.items()}}


def _by_place(one: list[Any], other: list[Any]) -> list[Any]:
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return [merged(schema, shorter[place]) if place < len(shorter) else schema for place, schema in enumerate(longer)]


def _union(one: list[str], other: list[str]) -> list[str]:
    return list(dict.fromkeys([*one, *other]))


def _common(one: list[Any], other: list[Any]) -> list[Any]:
    return [value for value in one if value in other]


_MERGED: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"), min),
    **dict.fromkeys(("items", "additionalProperties", "propertyNames"), merged),
    **dict.fromkeys(("patternProperties", "dependentSchemas", "$defs"), _by_name),
    "allOf": lambda one, other: [*one, *other],
    "dependentRequired": _names_by_name,
    "enum": _common,
    "multipleOf": _multiple,
    "prefixItems": _by_place,
    "required": _union,
    "type": _types,
    "uniqueItems": lambda one, other: one or other,
}
_ANNOTATIONS = {
    "$comment",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
}
