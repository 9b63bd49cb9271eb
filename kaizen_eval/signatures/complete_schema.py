"""pydantic's JSON Schema, completed with what it leaves unsaid: the keys of dicts, bounds of dates, digits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema, to_jsonable_python

from kaizen_eval.signatures.number_patterns import INTEGER, NUMBER

__all__ = ["CompleteSchema"]

_BOUNDS = {
    "ge": "formatMinimum",
    "gt": "formatExclusiveMinimum",
    "le": "formatMaximum",
    "lt": "formatExclusiveMaximum",
}
"""Words that are no part of JSON Schema, but known from validators, which others pass over."""
_BIND_NUMBERS = ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf")
_NAMELESS = ("title", "type")


class CompleteSchema(GenerateJsonSchema):
    """Says also what pydantic leaves unsaid, and no title for each field, which would only repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the overridden method's argument
        return False

    def get_decimal_pattern(self, schema: core_schema.DecimalSchema) -> str | None:
        if schema.get("max_digits") is None and schema.get("decimal_places") is None:
            return None
        return self.build_decimal_pattern(schema)

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        return super().date_schema(schema) | _bounds(schema)

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:
        return super().time_schema(schema) | _bounds(schema) | _without_zone(schema, "time-local")

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        return super().datetime_schema(schema) | _bounds(schema) | _without_zone(schema, "date-time-local")

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        return super().timedelta_schema(schema) | _bounds(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        return self._with_names(schema, super().dict_schema)

    def ordered_dict_schema(self, schema: core_schema.OrderedDictSchema) -> JsonSchemaValue:
        return self._with_names(schema, super().ordered_dict_schema)

    def counter_schema(self, schema: core_schema.CounterSchema) -> JsonSchemaValue:
        return self._with_names(schema, super().counter_schema)

    def _with_names(self, schema: Any, write: Callable[[Any], JsonSchemaValue]) -> JsonSchemaValue:
        names = self._names(schema.get("keys_schema", core_schema.str_schema()))
        written = write({**schema, "keys_schema": core_schema.str_schema()})
        return written if names == {} else written | {"propertyNames": names}

    def _names(self, keys: core_schema.CoreSchema) -> JsonSchemaValue | bool:
        if keys["type"] == "enum":
            numbered = keys.get("sub_type") is not None
            return _listed([str(member.value) if numbered else member.value for member in keys["members"]])
        if keys["type"] == "decimal":
            return _as_text(self.generate_inner(keys)["anyOf"][0])
        return _as_text(self.generate_inner(keys))


def _bounds(schema: Any) -> JsonSchemaValue:
    return {word: to_jsonable_python(schema[bound]) for bound, word in _BOUNDS.items() if schema.get(bound) is not None}


def _without_zone(schema: Any, name: str) -> JsonSchemaValue:
    return {"format": name} if schema.get("tz_constraint") == "naive" else {}


def _as_text(schema: JsonSchemaValue) -> JsonSchemaValue | bool:
    """What a key has to be, as JSON's keys are texts: False where no text would be read as one of its values."""
    if "anyOf" in schema:
        options = [option for part in schema["anyOf"] if (option := _as_text(part)) is not False]
        return options[0] if len(options) == 1 else {"anyOf": options} if options else False
    if "enum" in schema or "const" in schema:
        return _listed(schema["enum"] if "enum" in schema else [schema["const"]])
    match schema.get("type"):
        case "integer" | "number" as kind:
            bounds = {keyword: schema[keyword] for keyword in _BIND_NUMBERS if keyword in schema}
            return {"pattern": INTEGER if kind == "integer" else NUMBER, **bounds}
        case "boolean":
            return _listed([True, False])
        case "null" | "array" | "object":
            return False
    return {keyword: value for keyword, value in schema.items() if keyword not in _NAMELESS}


def _listed(values: list[Any]) -> JsonSchemaValue | bool:
    """Of a list of values the texts, and the texts of the booleans: no key is read as another one."""
    texts = [
        value if isinstance(value, str) else json.dumps(value) for value in values if isinstance(value, str | bool)
    ]
    return {"enum": texts} if texts else False
