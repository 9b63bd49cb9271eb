"""Record: named fields, compiled once, against which whole dicts are validated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pydantic
import typing_extensions
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticCustomError, PydanticSerializationError, to_json

from kaizen_eval.signatures.fields import Field

__all__ = ["Record"]

CONFIG = pydantic.ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=False)
NotRequired: Any = typing_extensions.NotRequired


class _UntitledSchema(GenerateJsonSchema):
    """Without a title for each field, which would only repeat its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the overridden method's argument
        return False


class Record:
    """The inputs or the outputs of one signature. Never changes once made, so threads may share it."""

    def __init__(self, title: str, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self._whole = _adapter(title, {name: _annotated(field) for name, field in fields.items()})

    def from_python(self, values: Mapping[str, Any]) -> dict[str, Any]:
        values = self._with_defaults(values)
        try:
            return self._whole.validate_python(values, strict=True)
        except pydantic.ValidationError:
            return self.from_json(values)

    def from_json(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return self._whole.validate_json(to_json(self._with_defaults(values)), strict=True)

    def schema(self) -> dict[str, Any]:
        return self._whole.json_schema(schema_generator=_UntitledSchema)

    def _with_defaults(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {f.name: f.make_default() for f in self.fields.values() if not f.required and f.name not in values} | {
            **values
        }


def _annotated(field: Field) -> Any:
    about = pydantic.Field(description=field.description or None, **field.constraints)  # type: ignore[call-overload]
    annotation = Annotated[field.annotation, about]
    return annotation if field.required else NotRequired[annotation]


def _adapter(title: str, annotations: dict[str, Any]) -> pydantic.TypeAdapter[dict[str, Any]]:
    shape: Any = typing_extensions.TypedDict(title, annotations)  # type: ignore[operator]
    shape.__pydantic_config__ = CONFIG
    return pydantic.TypeAdapter(shape)
