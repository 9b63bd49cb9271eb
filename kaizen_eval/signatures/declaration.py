"""The fields that a class body declares, or an error that says why it cannot be a signature."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from kaizen_eval.errors import SignatureDefinitionError
from kaizen_eval.signatures.annotations import Scope, is_class_variable
from kaizen_eval.signatures.fields import MISSING, Field, InputField, OutputField

__all__ = ["OPEN_NAMES", "ClassBody", "all_fields"]

OPEN_NAMES = frozenset({"instructions", "name"})
"""Attributes of a signature whose names fields may have as well."""


class ClassBody(dict[str, Any]):
    """The namespace of a class statement; refuses a field that is declared twice."""

    def __init__(self, class_name: str) -> None:
        super().__init__()
        self._class_name = class_name

    def __setitem__(self, name: str, field: Any) -> None:
        if isinstance(field, Field) and isinstance(self.get(name), Field):
            raise SignatureDefinitionError(
                f"{self._class_name}.{name} is declared twice; give each field its own name."
            )
        super().__setitem__(name, field)


def all_fields(cls: type, body: Mapping[str, Any], scope: Scope) -> dict[str, Field]:
    """Inherited fields, then those of the body; one that is declared again keeps its place.

    Raises:
        SignatureDefinitionError: for a class body that cannot be a signature.
    """
    inherited = _inherited(cls)
    annotations = inspect.get_annotations(cls)
    for name, field in body.items():
        if isinstance(field, Field):
            _refuse_bad_field(cls, name, field, annotations, inherited)
        elif name in inherited:
            _refuse_lost_field(cls, name, field, inherited[name])
    for name, annotation in annotations.items():
        if not isinstance(body.get(name), Field) and not name.startswith("_") and not is_class_variable(annotation):
            _refuse_unmarked(cls, name, body.get(name, MISSING))
    declared = {
        name: _completed(cls, name, body[name], scope.resolve(f"{cls.__name__}.{name}", name, annotation))
        for name, annotation in annotations.items()
        if isinstance(body.get(name), Field)
    }
    fields = inherited | declared
    _refuse_mixed_kinds(cls, fields)
    _refuse_hidden_response(cls, fields)
    return fields


def _inherited(cls: type) -> dict[str, Field]:
    """The bases' fields in the order in which the bases are written; which base's counts is python's usual rule."""
    names = dict.fromkeys(name for base in cls.__bases__ for name in _fields_of(base))
    owners = cls.__mro__[1:]
    return {name: next(_fields_of(owner)[name] for owner in owners if name in _own_names(owner)) for name in names}


def _fields_of(cls: type) -> Mapping[str, Field]:
    fields: Mapping[str, Field] = vars(cls).get("_fields", {})
    return fields


def _own_names(cls: type) -> Iterable[str]:
    return _fields_of(cls).keys() & inspect.get_annotations(cls).keys()


def _refuse_mixed_kinds(cls: type, fields: Mapping[str, Field]) -> None:
    for base in cls.__bases__:
        for name, field in _fields_of(base).items():
            if fields[name].kind != field.kind:
                raise SignatureDefinitionError(
                    f"{cls.__name__}.{name} is an input and an output: {base.__name__} declares it as an "
                    f"{field.kind}. Give one of them another name."
                )


def _refuse_hidden_response(cls: type, fields: Mapping[str, Field]) -> None:
    if "response" in fields and all(field.kind == "input" for field in fields.values()):
        raise SignatureDefinitionError(
            f"{cls.__name__} declares no output, so its answer is called 'response', which is an input already; "
            f"declare an OutputField, or give the input another name."
        )


def _refuse_bad_field(
    cls: type, name: str, field: Field, annotations: Mapping[str, Any], inherited: Mapping[str, Field]
) -> None:
    where = f"{cls.__name__}.{name}"
    if name not in annotations:
        raise SignatureDefinitionError(f"{where} has no type; write `{name}: str = {_marker(field)}(...)`.")
    _refuse_name(cls, name, field, inherited)
    if field.default is not MISSING and field.default_factory is not MISSING:
        raise SignatureDefinitionError(f"{where} has a default and a default_factory; give one of them.")
    if not isinstance(field.description, str):
        raise SignatureDefinitionError(f"{where} has the description {field.description!r}; a description is text.")


def _refuse_lost_field(cls: type, name: str, value: Any, field: Field) -> None:
    raise SignatureDefinitionError(
        f"{cls.__name__}.{name} replaces a field with {value!r}; declare it again with {_marker(field)}(...), "
        f"or choose another name."
    )


def _refuse_name(cls: type, name: str, field: Field, inherited: Mapping[str, Field]) -> None:
    where = f"{cls.__name__}.{name}"
    if name.startswith("_"):
        raise SignatureDefinitionError(
            f"{where} starts with '_', as only a result's own entries do (_timing, _tokens); choose another name."
        )
    if name == "session_id" and field.kind == "input":
        raise SignatureDefinitionError(
            f"{where} cannot be an input: run(session_id=...) names the conversation; choose another name."
        )
    if name in inherited or name in OPEN_NAMES:
        return
    owner = next((base for base in cls.__mro__[1:] if name in vars(base)), None)
    if owner is not None:
        raise SignatureDefinitionError(f"{where} would hide {owner.__name__}.{name}; choose another name.")


def _refuse_unmarked(cls: type, name: str, value: Any) -> None:
    where = f"{cls.__name__}.{name}"
    if value in (InputField, OutputField):
        raise SignatureDefinitionError(f"{where} is {value.__name__} itself; call it: `{value.__name__}(...)`.")
    given = "has no InputField or OutputField" if value is MISSING else f"is set to {value!r}"
    raise SignatureDefinitionError(
        f"{where} {given}; declare it with InputField(...) or OutputField(...), or as a ClassVar if it is no field."
    )


def _completed(cls: type, name: str, field: Field, annotation: Any) -> Field:
    if is_class_variable(annotation):
        raise SignatureDefinitionError(f"{cls.__name__}.{name} is a ClassVar and a field; take one of them away.")
    if field.default is None and annotation is not Any:
        annotation = Optional[annotation]  # noqa: UP045 - `|` refuses what typing accepts
    return dataclasses.replace(field, name=name, annotation=annotation)


def _marker(field: Field) -> str:
    return "InputField" if field.kind == "input" else "OutputField"
