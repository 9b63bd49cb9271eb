"""The keywords of JSON Schema, by what they bind."""

from __future__ import annotations

from typing import Any

__all__ = ["ASSERTIONS", "AWKWARD", "BY_TYPE", "COMBINING", "REFERRING", "is_of_type"]

BY_TYPE = {
    "object": frozenset(
        (
            "additionalProperties",
            "dependentRequired",
            "dependentSchemas",
            "maxProperties",
            "minProperties",
            "patternProperties",
            "properties",
            "propertyNames",
            "required",
            "unevaluatedProperties",
        )
    ),
    "array": frozenset(
        (
            "contains",
            "items",
            "maxContains",
            "maxItems",
            "minContains",
            "minItems",
            "prefixItems",
            "unevaluatedItems",
            "uniqueItems",
        )
    ),
    "string": frozenset(("format", "maxLength", "minLength", "pattern")),
    "number": frozenset(("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf")),
}
"""Keywords that bind values of one type only; of several types, the first is the likeliest to be meant."""

COMBINING = frozenset(
    (
        "allOf",
        "dependentRequired",
        "dependentSchemas",
        "else",
        "if",
        "not",
        "oneOf",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    )
)
"""Keywords that say something about the whole value in terms of other schemas."""

REFERRING = frozenset(("$dynamicRef", "$ref", "anyOf"))
"""Keywords that, alone, are another schema or one of several."""

ASSERTIONS = COMBINING.union(REFERRING, ("const", "enum", "type"), *BY_TYPE.values())
"""Every keyword that can refuse a value; the others describe."""

AWKWARD = COMBINING.union(("$dynamicRef", "contains", "patternProperties", "propertyNames"))
"""Keywords that nodes heed as well as it goes, so that each value has to be checked."""

_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "null": type(None),
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "string": str,
    "array": list,
    "object": dict,
}


def is_of_type(value: Any, kinds: str | list[str]) -> bool:
    """Whether a JSON value is of one of the types; a whole float is an integer, a bool is no number."""
    if isinstance(kinds, list):
        return any(is_of_type(value, kind) for kind in kinds)
    if isinstance(value, bool):
        return kinds == "boolean"
    if isinstance(value, float) and value.is_integer():
        return kinds in {"integer", "number"}
    return isinstance(value, _PYTHON_TYPES[kinds])
