"""Signature: what an agent takes and gives back, declared as a class."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any, ClassVar

import pydantic
from pydantic_core import to_jsonable_python

from kaizen_eval.errors import InputError, ReplyDoesNotFit
from kaizen_eval.signatures.fields import Field
from kaizen_eval.signatures.record import Record
from kaizen_eval.signatures.schema import strict_schema

__all__ = ["AnySignature", "Signature", "SignatureMeta"]


class SignatureMeta(type):
    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> SignatureMeta:
        cls = super().__new__(mcs, name, bases, body)
        frame = sys._getframe(1)  # noqa: SLF001 - string annotations may name locals of the function that makes the class
        own = types.SimpleNamespace(
            __annotations__={n: a for n, a in body.get("__annotations__", {}).items() if isinstance(body.get(n), Field)}
        )
        hints = typing.get_type_hints(own, frame.f_globals, {**frame.f_locals, **body}, include_extras=True)
        fields: dict[str, Field] = {}
        for base in reversed(bases):
            fields |= getattr(base, "_fields", {})
        for n, hint in hints.items():
            fields[n] = dataclasses.replace(
                body[n], name=n, annotation=hint if body[n].default is not None else hint | None
            )
        cls._fields = fields
        cls.input_fields = {n: f for n, f in fields.items() if f.kind == "input"}
        cls.output_fields = {n: f for n, f in fields.items() if f.kind == "output"}
        cls.free_text = not cls.output_fields
        if cls.free_text:
            cls.output_fields = {"response": Field(kind="output", name="response", annotation=str)}
        cls._inputs = Record(name, cls.input_fields)
        cls._outputs = Record(name, cls.output_fields)
        return cls

    @property
    def name(cls) -> str:
        return cls.__name__

    @property
    def instructions(cls) -> str:
        return next((inspect.cleandoc(c.__doc__) for c in cls.__mro__ if isinstance(c, SignatureMeta) and c is not Signature and c.__dict__.get("__doc__")), "")


class Signature(metaclass=SignatureMeta):
    input_fields: ClassVar[Mapping[str, Field]]
    output_fields: ClassVar[Mapping[str, Field]]
    free_text: ClassVar[bool]
    """Whether the only output is the implicit `response`: plain prose is then a legal reply."""
    _inputs: ClassVar[Record]
    _outputs: ClassVar[Record]

    @classmethod
    def bind(cls, inputs: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return cls._inputs.from_python(copy.deepcopy(dict(inputs)))
        except pydantic.ValidationError as error:
            raise InputError(str(error)) from error

    @classmethod
    def check(cls, outputs: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return cls._outputs.from_python(outputs)
        except pydantic.ValidationError as error:
            raise ReplyDoesNotFit(str(error)) from error

    @classmethod
    def check_json(cls, data: dict[str, Any]) -> dict[str, Any]:
        return cls._outputs.from_json(data)

    @classmethod
    def input_schema(cls) -> dict[str, Any]:
        return cls._inputs.schema()

    @classmethod
    def output_schema(cls) -> dict[str, Any]:
        return cls._outputs.schema()

    @classmethod
    def strict_output_schema(cls) -> dict[str, Any]:
        return strict_schema(cls.output_schema(), cls.__name__)

    @classmethod
    def inputs_to_json(cls, bound: Mapping[str, Any]) -> dict[str, Any]:
        return to_jsonable_python(dict(bound))

    @classmethod
    def outputs_to_json(cls, checked: Mapping[str, Any]) -> dict[str, Any]:
        return to_jsonable_python(dict(checked))


class AnySignature(Signature):
    """"""

    @classmethod
    def bind(cls, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return copy.deepcopy(dict(inputs))

    @classmethod
    def input_schema(cls) -> dict[str, Any]:
        return {"type": "object"}
