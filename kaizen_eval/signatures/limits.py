"""Which constraint suits which type."""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from collections.abc import Mapping, Sized
from decimal import Decimal
from typing import Annotated, Any

import pydantic
import typing_extensions

from kaizen_eval.errors import SignatureDefinitionError
from kaizen_eval.signatures.fields import Field
from kaizen_eval.signatures.type_forms import bare, members, type_name

__all__ = ["constrained", "refuse_crossed_constraints", "refuse_unsuitable_constraints"]

_ORDERED = (int, float, Decimal, dt.date, dt.time, dt.timedelta)
_UNORDERED = (bool, enum.Enum)
_SUITS: Mapping[str, tuple[str, tuple[type, ...]]] = {
    "ge": ("numbers and dates", _ORDERED),
    "gt": ("numbers and dates", _ORDERED),
    "le": ("numbers and dates", _ORDERED),
    "lt": ("numbers and dates", _ORDERED),
    "min_length": ("texts and collections", (Sized,)),
    "max_length": ("texts and collections", (Sized,)),
    "pattern": ("texts", (str,)),
}


def refuse_unsuitable_constraints(where: str, field: Field) -> None:
    """Raises SignatureDefinitionError for a constraint that the type cannot have."""
    for name in field.constraints:
        for member in members(field.annotation):
            if member is not types.NoneType and not _suits(name, bare(member)):
                raise SignatureDefinitionError(
                    f"{where} has {name}, which is for {_SUITS[name][0]}, not {type_name(member)}."
                )


def refuse_crossed_constraints(where: str, constraints: Mapping[str, Any]) -> None:
    """Raises SignatureDefinitionError for limits that no value lies between."""
    for low, high in (("ge", "le"), ("gt", "lt"), ("ge", "lt"), ("gt", "le"), ("min_length", "max_length")):
        if low not in constraints or high not in constraints:
            continue
        least, most = constraints[low], constraints[high]
        if least > most or (least == most and {low, high} & {"gt", "lt"}):
            raise SignatureDefinitionError(f"{where} has {low}={least!r} and {high}={most!r}, which nothing can meet.")


def constrained(annotation: Any, constraints: Mapping[str, Any]) -> Any:
    """The annotation with the constraints on each member of a union, so that None stays free of them."""
    if not constraints or annotation is types.NoneType:
        return annotation
    parts = members(annotation)
    if len(parts) > 1:
        return typing.Union[tuple(constrained(part, constraints) for part in parts)]  # noqa: UP007 - of a list of types
    return Annotated[annotation, pydantic.Field(**constraints)]


def _suits(constraint: str, kind: Any) -> bool:
    if not isinstance(kind, type) or issubclass(kind, _UNORDERED) or typing_extensions.is_typeddict(kind):
        return False
    return issubclass(kind, _SUITS[constraint][1])
