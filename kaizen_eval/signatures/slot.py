"""Slot: one field of a signature, compiled."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import pydantic
import typing_extensions
from pydantic_core import ErrorDetails, SchemaError, to_jsonable_python

from kaizen_eval.errors import SignatureDefinitionError
from kaizen_eval.signatures.fields import MISSING, Field
from kaizen_eval.signatures.json_form import in_order, json_form, json_text, survived
from kaizen_eval.signatures.limits import constrained, refuse_crossed_constraints, refuse_unsuitable_constraints
from kaizen_eval.signatures.words import misfit

__all__ = ["Shape", "Slot", "compiled", "definition_errors", "details"]

Shape = pydantic.TypeAdapter[dict[str, Any]]
_CONFIG = pydantic.ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class Slot:
    """Checks the values of one field. Never changes once made.

    Raises:
        SignatureDefinitionError: when made of a field that cannot work.
    """

    def __init__(self, owner: str, field: Field) -> None:
        self._where = f"{owner}.{field.name}"
        self.field = field
        refuse_unsuitable_constraints(self._where, field)
        annotation = constrained(field.annotation, field.constraints)
        with definition_errors(self._where):
            self._shape = compiled(owner, {field.name: annotation})
            schema = self._shape.json_schema()
        self._refuse_own_rules(schema)
        refuse_crossed_constraints(self._where, field.constraints)
        self._settle_default()
        self.annotation = Annotated[annotation, self._about()]
        """For a TypedDict of all fields."""
        if not field.required:
            self.annotation = typing_extensions.NotRequired[self.annotation]

    def fit(self, value: Any) -> Any:
        """The typed value: from python objects, JSON values or a mix of both; nothing is coerced.

        Raises:
            pydantic.ValidationError: for a value that does not fit.
        """
        name = self.field.name
        try:
            return self._shape.validate_python({name: value}, strict=True)[name]
        except pydantic.ValidationError as error:
            return self._fit_json(value, error)

    def make_default(self) -> Any:
        """The field's default, typed, as an object of its own."""
        value = self.field.make_default()
        if self.field.default_factory is MISSING:
            return value
        return self._fit_declared("what default_factory made", value)

    def _fit_json(self, value: Any, python_error: pydantic.ValidationError) -> Any:
        objects: list[Any] = []
        try:
            text = json_text({self.field.name: json_form(value, objects)})
            result = self._shape.validate_json(text, strict=True)[self.field.name]
        except pydantic.ValidationError as json_error:
            raise (python_error if objects and objects[0] is value else json_error) from None
        except (TypeError, ValueError, RecursionError):  # it has no JSON form: what python said stands
            raise python_error from None
        if not survived(objects, result):
            raise python_error
        return result

    def _refuse_own_rules(self, schema: Mapping[str, Any]) -> None:
        """An annotation may hold constraints; what a field is called and whether it may be missing is said here."""
        if schema.get("required") != [self.field.name]:
            raise SignatureDefinitionError(
                f"{self._where} has an alias or a default in its annotation; a field is known by its own name, and "
                f"its default is an argument of InputField or OutputField."
            )

    def _settle_default(self) -> None:
        for example in self.field.examples:
            self._fit_declared("the example", example)
        if self.field.default_factory is not MISSING:
            self.make_default()
        if self.field.default is not MISSING:
            default = self._fit_declared("the default", self.field.default)
            self.field = dataclasses.replace(self.field, default=default)

    def _fit_declared(self, what: str, value: Any) -> Any:
        try:
            return self.fit(value)
        except pydantic.ValidationError as error:
            raise SignatureDefinitionError(
                f"{self._where}: {what} {misfit(self.field, value, details(error))}."
            ) from error

    def _about(self) -> Any:
        """What the JSON Schema says beside the type."""
        extra = {} if self.field.default is MISSING else {"default": to_jsonable_python(in_order(self.field.default))}
        examples = [to_jsonable_python(in_order(example)) for example in self.field.examples]
        return pydantic.Field(
            description=self.field.description or None, examples=examples or None, json_schema_extra=extra
        )


def compiled(title: str, annotations: Mapping[str, Any]) -> Shape:
    """A TypedDict, and not a model: its keys may be any names, and what it makes is a plain dict."""
    make: Any = typing_extensions.TypedDict
    shape: Any = make(title, dict(annotations))
    shape.__pydantic_config__ = _CONFIG
    return pydantic.TypeAdapter(shape)


@contextmanager
def definition_errors(where: str) -> Iterator[None]:
    """Whatever pydantic raises about a type becomes a SignatureDefinitionError."""
    try:
        yield
    except (pydantic.PydanticUserError, SchemaError, AssertionError, NameError, TypeError, ValueError) as error:
        raise SignatureDefinitionError(
            f"{where} has a type or constraint that cannot be checked: {_reason(error)}"
        ) from error


def _reason(error: Exception) -> str:
    """The line that tells, without advice about models that the user did not write."""
    lines = str(error).splitlines()
    line = lines[-1] if isinstance(error, SchemaError) else lines[0].partition(". Set ")[0]
    return f"{re.sub(r'^ *([A-Za-z]*[Ee]rror: )?', '', line).rstrip('.')}."


def details(error: pydantic.ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_context=False)
