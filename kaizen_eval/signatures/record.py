"""Record: the inputs or outputs of one signature, against which whole dicts are checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

import pydantic
from pydantic_core import PydanticCustomError, from_json, to_json

from kaizen_eval.errors import InputError, ReplyDoesNotFit, SignatureDefinitionError
from kaizen_eval.signatures.complete_schema import CompleteSchema
from kaizen_eval.signatures.fields import Field, Kind
from kaizen_eval.signatures.json_form import json_text
from kaizen_eval.signatures.schema import strict_schema
from kaizen_eval.signatures.slot import Slot, compiled, definition_errors, details
from kaizen_eval.signatures.words import choices, expected, misfit, shown
from kaizen_eval.suggestion import nearest

__all__ = ["Misfit", "Record"]

_ERRORS: Mapping[Kind, type[InputError | ReplyDoesNotFit]] = {"input": InputError, "output": ReplyDoesNotFit}
_TAKES: Mapping[Kind, str] = {"input": "takes", "output": "gives"}


class Misfit(NamedTuple):
    """One field that does not fit."""

    name: str
    said: str
    """A sentence, which names the signature and the field."""


class Record:
    """Checks whole dicts of inputs or of outputs. Never changes once made, so threads may share it."""

    def __init__(self, owner: str, kind: Kind, fields: Mapping[str, Field]) -> None:
        self._owner = owner
        self._kind: Kind = kind
        self._slots = {name: Slot(owner, field) for name, field in fields.items()}
        self.fields = MappingProxyType({name: slot.field for name, slot in self._slots.items()})
        with definition_errors(f"{owner}'s {kind}s"):
            self._shape = compiled(owner, {name: slot.annotation for name, slot in self._slots.items()})
            self._schema = to_json(self._shape.json_schema(schema_generator=CompleteSchema))
            self._validator = self._shape.validator  # asked itself, it takes half of what the adapter does

    def fit(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Typed values in the order of the fields, defaults filled in.

        Raises:
            InputError or ReplyDoesNotFit: with every problem at once.
        """
        if not isinstance(values, Mapping):
            raise self._error(f"{self._owner}'s {self._kind}s are a mapping of names to values, not {shown(values)}.")
        try:
            fitted = self._validator.validate_python(dict(values), strict=True)
        except pydantic.ValidationError:
            fitted = self._fit_each(values)
        return self._with_defaults(fitted)

    def fit_json(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """As `fit`, for values that were decoded from JSON: strictly as JSON.

        Raises:
            pydantic.ValidationError: with a `loc` that starts with the field's name.
        """
        try:
            text = json_text(values)
        except ValueError as error:
            raise self._not_json(values, error) from error
        return self._with_defaults(self._validator.validate_json(text, strict=True))

    def schema(self) -> dict[str, Any]:
        """JSON Schema, as a copy of its own."""
        schema: dict[str, Any] = from_json(self._schema)
        return schema

    def strict_schema(self) -> dict[str, Any]:
        """As `schema`, for OpenAI's strict mode.

        Raises:
            SignatureDefinitionError: naming the path that strict mode cannot express.
        """
        if isinstance(self._strict, str):
            raise SignatureDefinitionError(self._strict)
        schema: dict[str, Any] = from_json(self._strict)
        return schema

    @cached_property
    def _strict(self) -> bytes | str:
        """The strict schema as JSON, or why there is none."""
        try:
            return to_json(strict_schema(self.schema(), self._owner))
        except SignatureDefinitionError as error:
            return str(error)

    def _with_defaults(self, fitted: dict[str, Any]) -> dict[str, Any]:
        if len(fitted) == len(self._slots):
            return fitted
        return {name: fitted[name] if name in fitted else slot.make_default() for name, slot in self._slots.items()}

    def misfits(self, values: Mapping[str, Any], *, partial: bool = False) -> list[Misfit]:
        """Each problem with the field that it is about; with `partial`, fields may be missing."""
        if not partial and self._is_fit(values):
            return []
        misfits = self._fitted(values)[1]
        if partial and values.keys() <= self._slots.keys():
            return misfits
        tail = f" It {_TAKES[self._kind]}: {choices(self.fields.values())}."
        wrong = [Misfit(name, said + tail if name in values else said) for name, said in self._wrong_names(values)]
        return [each for each in wrong if not partial or each.name in values] + misfits

    def _is_fit(self, values: Mapping[str, Any]) -> bool:
        try:
            self._shape.validate_python(dict(values), strict=True)
        except pydantic.ValidationError:
            return False
        return True

    def _fit_each(self, values: Mapping[str, Any]) -> dict[str, Any]:
        fitted, misfits = self._fitted(values)
        names = [said for _, said in self._wrong_names(values)]
        if names or misfits:
            problems = [*names, *(said for _, said in misfits)]
            raise self._error(self._sentence(problems, with_choices=bool(names)))
        return fitted

    def _fitted(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Misfit]]:
        """The values that fit, typed, and what is wrong with the others; unknown names are left out."""
        fitted: dict[str, Any] = {}
        misfits = []
        for name, slot in self._slots.items():
            if name in values:
                try:
                    fitted[name] = slot.fit(values[name])
                except pydantic.ValidationError as error:
                    what = misfit(slot.field, values[name], details(error))
                    misfits.append(Misfit(name, f"{self._owner}'s {self._kind} {name!r} {what}."))
        return fitted, misfits

    def _wrong_names(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Unknown names, then missing ones, each with its sentence; a missing one that a suggestion names already is
        left out.
        """
        free = [name for name in self._slots if name not in values]
        meant = set()
        for name in values:
            if name not in self._slots:
                near = nearest(str(name), free) or nearest(str(name), self._slots)
                meant.add(near)
                hint = f"; did you mean {near!r}?" if near else "."
                yield name, f"{self._owner} has no {self._kind} {name!r}{hint}"
        for name in free:
            field = self.fields[name]
            if field.required and name not in meant:
                yield name, f"{self._owner} needs the {self._kind} {name!r}: {expected(field.annotation)}."

    def _sentence(self, problems: list[str], *, with_choices: bool) -> str:
        tail = f"It {_TAKES[self._kind]}: {choices(self.fields.values())}." if with_choices else ""
        if len(problems) == 1:
            return f"{problems[0]} {tail}".rstrip()
        lines = "".join(f"\n- {problem}" for problem in problems)
        return f"{self._owner}'s {self._kind}s have {len(problems)} problems:{lines}\n{tail}".rstrip()

    def _error(self, message: str) -> InputError | ReplyDoesNotFit:
        return _ERRORS[self._kind](message)

    def _not_json(self, values: Mapping[str, Any], error: ValueError) -> pydantic.ValidationError:
        """As pydantic reports it, at the field that no JSON could hold."""
        reason = PydanticCustomError("not_json", "Input should be JSON: {reason}", {"reason": str(error)})
        name = next((name for name, value in values.items() if not _is_json(value)), None)
        return pydantic.ValidationError.from_exception_data(
            self._owner,
            [
                {
                    "type": reason,
                    "loc": (name,) if name is not None else (),
                    "input": values if name is None else values[name],
                }
            ],
        )


def _is_json(value: Any) -> bool:
    try:
        json_text(value)
    except ValueError:
        return False
    return True
