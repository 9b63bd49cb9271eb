"""Values of a wished type out of a result, with a default when there is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard, TypeVar

__all__ = ["extract"]

_T = TypeVar("_T")


def extract(result: Mapping[str, Any], field: str, kind: type[_T], default: _T) -> _T:
    """`result[field]` as `kind`; `default` when it is missing, None, or cannot be that without loss.

    Text that holds JSON of the wished type is decoded; tuples and sets serve as lists, whole floats as integers.
    """
    value = result.get(field)
    for candidate in (value, _decoded(value)):
        if _is(candidate, kind):
            return candidate
        converted = _converted(candidate, kind)
        if _is(converted, kind):
            return converted
    return default


def _is(value: object, kind: type[_T]) -> TypeGuard[_T]:
    """Without bool passing for int."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _decoded(value: object) -> Any:
    if not isinstance(value, str):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return {"true": True, "false": False}.get(value.strip().lower())


_CONVERSIONS: dict[type, Callable[[Any], Any]] = {
    list: lambda value: list(value) if isinstance(value, tuple | set | frozenset) else None,
    dict: lambda value: dict(value) if isinstance(value, Mapping) else None,
    str: lambda value: None if value is None or isinstance(value, list | dict) else str(value),
    int: lambda value: int(value) if isinstance(value, float) and value.is_integer() else None,
    float: lambda value: float(value) if isinstance(value, int) and not isinstance(value, bool) else None,
}


def _converted(value: object, kind: type) -> Any:
    convert = _CONVERSIONS.get(kind)
    return None if convert is None else convert(value)
