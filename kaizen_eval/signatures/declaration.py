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

    def __setitem__(self, name: str, value: Any) -> None:
        if isinstance(value, Field) and isinstance(self.get(name), Field):
            raise SignatureDefinitionError(
                f"{self._class_name}.{name} is declared twice; give each field its own name."
            )
        super().__setitem__(name, value)


def all_fields(cls: type, body: Mapping[str, Any], scope: Scope) -> dict[str, Field]:
    """Inherited fields, then those of the body; one that is declared again keeps its place.

    Raises:
        SignatureDefinitionError: for a class body that cannot be a signature.
    """
    inherited = _inherited(cls)
    annotations = inspect.get_annotations(cls)
    declared = {name: value for name, value in body.items() if isinstance(value, Field)}
    _refuse_lost_fields(cls, body, inherited)
    _refuse_unmarked_annotations(cls, body, annotations)
    for name, field in declared.items():
        _refuse_name(cls, name, field, inherited)
        _refuse_contradiction(cls, name, field, annotations)
    in_order = [name for name in annotations if name in declared]
    fields = inherited | {name: _completed(cls, declared[name], name, annotations[name], scope) for name in in_order}
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


def _refuse_lost_fields(cls: type, body: Mapping[str, Any], inherited: Mapping[str, Field]) -> None:
    for name, field in inherited.items():
        if name in body and not isinstance(body[name], Field):
            raise SignatureDefinitionError(
                f"{cls.__name__}.{name} replaces a field with {body[name]!r}; declare it again with "
                f"{_marker(field)}(...), or choose another name."
            )


def _refuse_unmarked_annotations(cls: type, body: Mapping[str, Any], annotations: Mapping[str, Any]) -> None:
    for name, annotation in annotations.items():
        value = body.get(name, MISSING)
        if isinstance(value, Field) or name.startswith("_") or is_class_variable(annotation):
            continue
        if value is InputField or value is OutputField:
            what = f"is {value.__name__} itself; call it: `{value.__name__}(...)`."
        else:
            what = "has no InputField or OutputField" if value is MISSING else f"is set to {value!r}"
            what += "; declare it with InputField(...) or OutputField(...), or as a ClassVar if it is no field."
        raise SignatureDefinitionError(f"{cls.__name__}.{name} {what}")


def _refuse_contradiction(cls: type, name: str, field: Field, annotations: Mapping[str, Any]) -> None:
    where = f"{cls.__name__}.{name}"
    if name not in annotations:
        raise SignatureDefinitionError(f"{where} has no type; write `{name}: str = {_marker(field)}(...)`.")
    if is_class_variable(annotations[name]):
        raise SignatureDefinitionError(f"{where} is a ClassVar and a field; take one of the two away.")
    if field.default is not MISSING and field.default_factory is not MISSING:
        raise SignatureDefinitionError(f"{where} has a default and a default_factory; give one of them.")
    if not isinstance(field.description, str):
        raise SignatureDefinitionError(f"{where} has the description {field.description!r}; a description is text.")


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


def _completed(cls: type, field: Field, name: str, annotation: Any, scope: Scope) -> Field:
    resolved = scope.resolve(f"{cls.__name__}.{name}", name, annotation)
    if field.default is None and resolved is not Any:
        resolved = Optional[resolved]  # noqa: UP045 - `|` refuses some of what typing accepts
    return dataclasses.replace(field, name=name, annotation=resolved)


def _marker(field: Field) -> str:
    return "InputField" if field.kind == "input" else "OutputField"
