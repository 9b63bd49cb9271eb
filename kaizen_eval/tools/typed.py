"""Parameters that are declared by type hints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pydantic
import typing_extensions
from pydantic_core import to_jsonable_python

from kaizen_eval.errors import SignatureDefinitionError, ToolDefinitionError
from kaizen_eval.llm.parsing.complaint import problems
from kaizen_eval.signatures.complete_schema import CompleteSchema
from kaizen_eval.signatures.json_form import in_order, json_text
from kaizen_eval.signatures.schema import strict_schema
from kaizen_eval.signatures.slot import compiled, definition_errors

__all__ = ["REQUIRED", "Parameter", "TypedParameters"]

REQUIRED: Any = object()
_Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function."""

    name: str
    annotation: Any
    default: Any = REQUIRED
    description: str = ""


class TypedParameters:
    """Checked strictly as JSON: "3" is no int, and a date is a text. What is left out has the function's own default.

    Null stands for the default wherever the type has no place for it, as strict mode knows no property that may be
    left out.
    """

    def __init__(self, tool: str, parameters: Iterable[Parameter]) -> None:
        self._by_name = {parameter.name: parameter for parameter in parameters}
        try:
            self._shape, plain = _compiled(tool, self._by_name)
        except SignatureDefinitionError as error:
            raise ToolDefinitionError(str(error)) from error
        strict = _strict(plain, self._by_name)
        self.strict = strict is not None
        self.schema: Mapping[str, Any] = plain if strict is None else strict

    def fit(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._checked(arguments)
        except pydantic.ValidationError as error:
            nulls = {where for where in _places(error) if where in arguments and self._is_default(where, arguments)}
            if not nulls:
                raise ValueError(problems(error)) from error
        return self.fit({name: value for name, value in arguments.items() if name not in nulls})

    def _checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return self._shape.validate_json(json_text(dict(arguments)), strict=True)

    def _is_default(self, name: str, arguments: Mapping[str, Any]) -> bool:
        known = self._by_name.get(name)
        return arguments[name] is None and known is not None and known.default is not REQUIRED


def _places(error: pydantic.ValidationError) -> set[str]:
    return {str(problem["loc"][0]) for problem in error.errors(include_url=False) if problem["loc"]}


def _compiled(tool: str, parameters: Mapping[str, Parameter]) -> tuple[pydantic.TypeAdapter[_Schema], _Schema]:
    for parameter in parameters.values():  # each by itself, so that an error names it
        where = f"The parameter {parameter.name!r} of the tool {tool!r}"
        with definition_errors(where):
            schema = compiled(tool, {parameter.name: parameter.annotation}).json_schema()
        if schema.get("required") != [parameter.name]:
            raise SignatureDefinitionError(
                f"{where} has an alias or a default in its annotation; write the default after '=', and name the "
                "parameter as the model shall know it."
            )
    with definition_errors(f"The tool {tool!r}"):
        shape = compiled(tool, {name: _annotation(parameter) for name, parameter in parameters.items()})
        schema = shape.json_schema(schema_generator=CompleteSchema)
    schema.pop("title", None)
    return shape, schema


def _annotation(parameter: Parameter) -> Any:
    declared = parameter.annotation
    about = pydantic.Field(description=parameter.description or None, json_schema_extra=_default(parameter))
    annotation: Any = Annotated[declared, about]
    return annotation if parameter.default is REQUIRED else typing_extensions.NotRequired[annotation]


def _default(parameter: Parameter) -> _Schema:
    """What the schema says of a default: nothing of one that JSON does not know."""
    if parameter.default is REQUIRED:
        return {}
    try:
        return {"default": to_jsonable_python(in_order(parameter.default))}
    except (ValueError, RecursionError):
        return {}


def _strict(plain: _Schema, parameters: Mapping[str, Parameter]) -> _Schema | None:
    """None where strict mode cannot express the parameters."""
    definitions = plain.get("$defs", {})
    properties = {
        name: schema if parameters[name].default is REQUIRED else _nullable(schema, definitions)
        for name, schema in plain.get("properties", {}).items()
    }
    try:
        return strict_schema({**plain, "properties": properties}, "")
    except SignatureDefinitionError:
        return None


def _nullable(schema: _Schema, definitions: Mapping[str, _Schema]) -> _Schema:
    """With null for the default, and in words what that is."""
    if _takes_null(schema, definitions):
        return schema
    words = [schema["description"]] if "description" in schema else []
    if schema.get("default") is not None:
        words.append(f"Null for the default: {json.dumps(schema['default'], ensure_ascii=False)}")
    elif "default" not in schema:
        words.append("Null for the default.")
    rest = {word: value for word, value in schema.items() if word not in {"description", "default"}}
    described = {"description": "\n".join(words)} if words else {}
    return {"anyOf": [rest, {"type": "null"}], **described}


def _takes_null(schema: _Schema, definitions: Mapping[str, _Schema]) -> bool:
    if "$ref" in schema:
        return _takes_null(definitions[schema["$ref"].removeprefix("#/$defs/")], definitions)
    if options := schema.get("anyOf", schema.get("oneOf")):
        return any(_takes_null(option, definitions) for option in options)
    return schema.get("type") == "null" or None in schema.get("enum", ())
