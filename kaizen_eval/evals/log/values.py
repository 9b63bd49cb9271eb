"""Values of inputs and outputs as JSON can hold them, and back."""

from __future__ import annotations

import base64
import dataclasses
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

__all__ = ["plain", "restored"]

_SIMPLE = frozenset({str, bool, type(None)})
_BIGGEST = 1 << 256
"""Greater whole numbers are written in hexadecimal: in decimal, long ones are refused by Python and by parsers."""


def plain(value: Any) -> Any:
    """The value in dicts, lists, strings, numbers, booleans and None alone.

    What JSON does not know is `{"$kind": …}`. Objects of other classes are not read back as what they were: models of
    pydantic and dataclasses become dicts, enums their values, and anything else its `repr`; so do fields that refer
    to themselves, or are nested too deeply.
    """
    try:
        return _plain(value)
    except RecursionError:
        return {str(key): _flat(inner) for key, inner in value.items()} if isinstance(value, dict) else _flat(value)


def _flat(value: Any) -> Any:
    try:
        return _plain(value)
    except RecursionError:
        return _shown(value)


def _plain(value: Any) -> Any:
    kind = value.__class__
    if kind in _SIMPLE:
        return value
    if kind is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    if kind is int:
        return value if -_BIGGEST < value < _BIGGEST else {"$int": hex(value)}
    if kind is list:
        return [_plain(item) for item in value]
    if kind is dict:
        return _mapping(value)
    return _other(value)


def restored(raw: Any) -> Any:
    """The value that `plain` made this of."""
    if raw.__class__ is list:
        return [restored(item) for item in raw]
    if raw.__class__ is not dict:
        return raw
    if len(raw) == 1:
        [(tag, inner)] = raw.items()
        if tag in _READ:
            return _READ[tag](inner)
    return {key: restored(inner) for key, inner in raw.items()}


_BASES: tuple[Any, ...] = (str, int, float, Decimal, tuple, list)
"""Of classes that users derive; what they add is not kept."""


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    for key in value:
        if key.__class__ is not str or key[:1] == "$":
            return {"$map": [[_plain(key), _plain(inner)] for key, inner in value.items()]}
    return {key: inner if inner.__class__ in _SIMPLE else _plain(inner) for key, inner in value.items()}


def _other(value: Any) -> Any:
    for kind, tag, write in _WRITTEN:
        if value.__class__ is kind:
            return {tag: write(value)}
    if isinstance(value, Enum):
        return _plain(value.value)
    for base in _BASES:
        if isinstance(value, base):
            return _plain(base(value))
    if isinstance(value, Mapping):
        return _mapping(dict(value))
    return _shown(value)


def _shown(value: Any) -> Any:
    dump = getattr(value, "model_dump", None)
    try:
        if callable(dump) and not isinstance(value, type):
            return _plain(dump())
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return _mapping({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a user's object that cannot be shown must not cost the record
        return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"


def _listed(value: Any) -> list[Any]:
    return [_plain(item) for item in value]


def _sorted(value: Any) -> list[Any]:
    """The same set is the same line."""
    return sorted(_listed(value), key=repr)


_WRITTEN: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (tuple, "$tuple", _listed),
    (Decimal, "$decimal", str),
    (datetime, "$datetime", datetime.isoformat),
    (date, "$date", date.isoformat),
    (time, "$time", time.isoformat),
    (timedelta, "$timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
    (bytes, "$bytes", lambda value: base64.b64encode(value).decode()),
    (set, "$set", _sorted),
    (frozenset, "$frozenset", _sorted),
)


def _tuple(raw: Any) -> tuple[Any, ...]:
    return tuple(restored(item) for item in raw)


_READ: dict[str, Callable[[Any], Any]] = {
    "$tuple": _tuple,
    "$decimal": Decimal,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$timedelta": lambda raw: timedelta(*raw),
    "$bytes": base64.b64decode,
    "$set": lambda raw: set(_tuple(raw)),
    "$frozenset": lambda raw: frozenset(_tuple(raw)),
    "$float": float,
    "$int": lambda raw: int(raw, 16),
    "$map": lambda raw: {restored(key): restored(inner) for key, inner in raw},
}
