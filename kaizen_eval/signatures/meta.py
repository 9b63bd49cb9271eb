"""How a class statement becomes a signature."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kaizen_eval.signatures.annotations import Scope
from kaizen_eval.signatures.declaration import OPEN_NAMES, ClassBody, all_fields
from kaizen_eval.signatures.fields import Field
from kaizen_eval.signatures.record import Record
from kaizen_eval.signatures.words import choices

__all__ = ["SignatureMeta"]


class SignatureMeta(type):
    """Reads the fields of a class body when the class is made."""

    _inputs: Record
    _outputs: Record

    @classmethod
    def __prepare__(cls, name: str, _bases: tuple[type, ...], /, **_: Any) -> ClassBody:
        return ClassBody(name)

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> SignatureMeta:
        for_instances = {"name": name, "instructions": _instructions(body, bases)}
        cls = super().__new__(mcs, name, bases, dict(body) | for_instances)
        scope = Scope(body, sys._getframe(1))  # noqa: SLF001 - a type written as text may name a local of that frame
        fields = all_fields(cls, body, scope)
        for attribute, value in _compiled(name, fields).items():
            setattr(cls, attribute, value)
        return cls

    @property
    def name(cls) -> str:
        return cls.__name__

    @property
    def instructions(cls) -> str:
        """The docstring, else that of a base other than Signature; empty when none has one."""
        return str(vars(cls)["instructions"])

    def __repr__(cls) -> str:
        inputs, outputs = choices(cls._inputs.fields.values()), choices(cls._outputs.fields.values())
        return f"<Signature {cls.__name__}: {inputs} -> {outputs}>"


def _instructions(body: Mapping[str, Any], bases: tuple[type, ...]) -> str:
    signatures = [base for base in bases if isinstance(base, SignatureMeta)]
    own = body.get("__doc__")
    if own and signatures:  # the docstring of Signature itself is for readers of the code
        return inspect.cleandoc(own)
    return next((base.instructions for base in signatures if base.instructions), "")


def _compiled(owner: str, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The class attributes that make a signature of these fields."""
    outputs = {name: field for name, field in fields.items() if field.kind == "output"}
    inputs = Record(owner, "input", {name: field for name, field in fields.items() if field.kind == "input"})
    replies = Record(owner, "output", outputs or {"response": Field(kind="output", name="response", annotation=str)})
    settled = {**inputs.fields, **(replies.fields if outputs else {})}
    return {name: field for name, field in settled.items() if name not in OPEN_NAMES} | {
        "input_fields": inputs.fields,
        "output_fields": replies.fields,
        "free_text": not outputs,
        "_inputs": inputs,
        "_outputs": replies,
        "_fields": MappingProxyType({name: settled[name] for name in fields}),
    }
