"""What a field expects and what came instead, in words."""

from __future__ import annotations

import datetime as dt
import enum
import reprlib
import types
import typing
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic_core import ErrorDetails

from kaizen_eval.signatures.fields import MISSING, Field
from kaizen_eval.signatures.type_forms import members, type_name

__all__ = ["choices", "expected", "misfit", "place", "shown"]

_WORDS: Mapping[Any, str] = {
    Any: "anything",
    types.NoneType: "None",
    str: "text (str)",
    int: "a whole number (int)",
    float: "a number (float)",
    bool: "True or False (bool)",
    Decimal: "a decimal number (Decimal)",
    dt.date: "a date",
    dt.datetime: "a date with time (datetime)",
    dt.time: "a time of day (time)",
    dt.timedelta: "a duration (timedelta)",
    uuid.UUID: "a UUID",
}
_TELLS_ALL = frozenset({"missing", "extra_forbidden", "unexpected_keyword_argument", "too_short", "too_long"})
"""Kinds of error whose message needs no value beside it."""
_MOST_SHOWN = 3

_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 80


def shown(value: Any) -> str:
    """The value, shortened, with its type."""
    return "None" if value is None else f"{_short.repr(value)} ({type(value).__name__})"


def expected(annotation: Any) -> str:
    if typing.get_origin(annotation) is Annotated:
        return expected(typing.get_args(annotation)[0])
    parts = members(annotation)
    if len(parts) > 1:
        return " or ".join(expected(part) for part in parts)
    if typing.get_origin(annotation) is typing.Literal:
        return f"one of {', '.join(map(repr, typing.get_args(annotation)))}"
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return f"one of {', '.join(repr(member.value) for member in annotation)} ({annotation.__name__})"
    if isinstance(annotation, typing.Hashable) and annotation in _WORDS:
        return _WORDS[annotation]
    return type_name(annotation)


def choices(fields: Iterable[Field]) -> str:
    """The fields' names with their defaults: `question, context (default '')`."""
    return ", ".join(f"{field.name}{_default(field)}" for field in fields) or "nothing"


def misfit(field: Field, value: Any, errors: Sequence[ErrorDetails]) -> str:
    """`must be text (str), not 3 (int)`, or where within the value something does not fit."""
    if any(len(error["loc"]) == 1 and _is_about_type(error) for error in errors) or _is_union(field.annotation):
        return f"must be {expected(field.annotation)}, not {shown(value)}"
    details = [_detail(error) for error in errors[:_MOST_SHOWN]]
    if len(errors) > _MOST_SHOWN:
        details.append(f"and {len(errors) - _MOST_SHOWN} more")
    return f"does not fit: {'; '.join(details)}"


def place(location: Sequence[int | str]) -> str:
    """`address.lines[0]` for ("address", "lines", 0)."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")


def _detail(error: ErrorDetails) -> str:
    where = f"{place(error['loc'])}: " if len(error["loc"]) > 1 else ""
    reason = error["msg"][:1].lower() + error["msg"][1:]
    return f"{where}{reason}" if error["type"] in _TELLS_ALL else f"{where}{reason}, not {shown(error['input'])}"


def _is_about_type(error: ErrorDetails) -> bool:
    return error["type"].endswith(("_type", "_parsing")) or error["type"] in {"enum", "literal_error", "is_instance_of"}


def _is_union(annotation: Any) -> bool:
    return len([part for part in members(annotation) if part is not types.NoneType]) > 1


def _default(field: Field) -> str:
    if field.required:
        return ""
    return " (optional)" if field.default is MISSING else f" (default {_short.repr(field.default)})"
