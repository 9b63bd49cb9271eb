"""Values that mix JSON with python objects, read as JSON without coercing any of them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import pydantic
from pydantic_core import to_json, to_jsonable_python

__all__ = ["JSON_SCALARS", "in_order", "json_form", "json_text", "survived"]

JSON_SCALARS = frozenset({str, int, float, bool, type(None)})


def json_text(value: Any) -> bytes:
    """JSON text.

    Raises:
        ValueError: for what JSON cannot hold: NaN, infinities, half of a surrogate pair, endless nesting.
    """
    text = to_json(value)
    if (b"NaN" in text or b"Infinity" in text) and to_json(value, inf_nan_mode="null") != text:
        raise ValueError("JSON holds no NaN and no infinity")
    return text


def json_form(value: Any, objects: list[Any]) -> Any:
    """The value as JSON would hold it; what JSON itself does not know is added to `objects`.

    Raises:
        PydanticSerializationError: for an object that has no JSON form.
        TypeError: for an iterator, which reading would use up.
    """
    kind = type(value)
    if kind in JSON_SCALARS:
        return value
    if kind is list:
        return [json_form(item, objects) for item in value]
    if kind is dict and all(type(key) is str for key in value):
        return {key: json_form(item, objects) for key, item in value.items()}
    if isinstance(value, Iterator):
        raise TypeError(f"an iterator has no JSON form: {value!r}")
    objects.append(value)
    return to_jsonable_python(value)


def in_order(value: Any) -> Any:
    """The value with its sets as sorted lists: python's own order of them differs from process to process.

    Raises:
        PydanticSerializationError: for an object in a set that has no JSON form.
    """
    try:
        return _ordered(value)
    except RecursionError:
        return value  # it holds itself, which is for its reader to say


def _ordered(value: Any) -> Any:
    kind = type(value)
    if kind in JSON_SCALARS:
        return value
    if kind is dict:
        return {key: _ordered(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_ordered(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(_ordered, value), key=_place)
    return value


def _place(item: Any) -> tuple[float, bytes]:
    """Numbers by what they are, then all else by its JSON text."""
    return (item, b"") if isinstance(item, int | float) else (math.inf, to_json(item))


def survived(objects: list[Any], result: Any) -> bool:
    """Whether each object is in the result as it was: a date that became a text was coerced."""
    parts = [*_parts(result)] if objects else []
    return all(any(type(part) is type(item) and part == item for part in parts) for item in objects)


def _parts(value: Any) -> Iterator[Any]:
    yield value
    for child in _children(value):
        yield from _parts(child)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return [*value]
    if isinstance(value, pydantic.BaseModel):
        return [*value.__dict__.values(), *(value.__pydantic_extra__ or {}).values()]
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    return []
