"""What a generated signature declares, as plain data, and the class that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.signatures.fields import MISSING
from kaizen_eval.signatures.meta import SignatureMeta

__all__ = ["Declared", "DeclaredField", "Question", "declared"]


class Question(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """One line of the class body."""

    name: str
    annotation: Any
    default: Any = MISSING
    limits: tuple[tuple[str, Any], ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """A class statement. `repr` stands for it, as lists in it keep it from being hashed."""

    name: str
    instructions: str
    inputs: tuple[DeclaredField, ...]
    outputs: tuple[DeclaredField, ...]


def declared(statement: Declared) -> type[Signature]:
    """The class; of the same statement the same one, so that whatever is compiled for it is compiled once."""
    return _known(_Statement(statement))


class _Statement:
    """A statement that is known by its text."""

    def __init__(self, statement: Declared) -> None:
        self.statement = statement
        self._text = repr(statement)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Statement) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(maxsize=1024)
def _known(wrapped: _Statement) -> type[Signature]:
    statement = wrapped.statement
    fields = [
        *((field, InputField) for field in statement.inputs),
        *((field, OutputField) for field in statement.outputs),
    ]
    body: dict[str, Any] = {"__module__": __name__, "__doc__": statement.instructions or None}
    body["__annotations__"] = {field.name: field.annotation for field, _ in fields}
    for field, marker in fields:
        body[field.name] = marker(default=field.default, description=field.description, **dict(field.limits))
    return cast(type[Signature], SignatureMeta(statement.name, (Signature,), body))
