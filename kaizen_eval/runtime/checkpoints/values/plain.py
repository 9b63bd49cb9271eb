"""Values as JSON can hold them, and back."""

from __future__ import annotations

import json
import math
from typing import Any

from kaizen_eval.runtime.checkpoints.values import objects
from kaizen_eval.runtime.checkpoints.values.kind import Kind
from kaizen_eval.runtime.checkpoints.values.ours import OURS
from kaizen_eval.runtime.checkpoints.values.standard import STANDARD
from kaizen_eval.runtime.checkpoints.values.unkept import Unkept

__all__ = ["plain", "restored"]

_KINDS: dict[type, Kind] = {kind.type: kind for kind in (*STANDARD, *OURS)}
_TAGS: dict[str, Kind] = {kind.tag: kind for kind in _KINDS.values()}
_MAP = "$map"
_UNORDERED = {"$set", "$frozenset"}
_BIGGEST = 1 << 256
"""Greater whole numbers are written in hexadecimal: in decimal, long ones are refused by Python and by parsers."""


def plain(value: Any) -> Any:
    """The value in dicts, lists, strings, numbers, booleans and None alone; equal values give equal ones.

    What JSON does not know is `{"$tag": …}`.

    Raises:
        Unkept: it holds what could not be read back.
    """
    kind = value.__class__
    if kind is str or kind is bool or value is None:
        return value
    if kind is int and -_BIGGEST < value < _BIGGEST:
        return value
    if kind is float and math.isfinite(value):
        return value
    if kind is list:
        return [_within(item, "[{}]", place) for place, item in enumerate(value)]
    if kind is dict:
        return _mapping(value)
    return _tagged(value)


def restored(raw: Any) -> Any:
    """The value that `plain` made this of.

    Raises:
        Exception: it made no such thing, or a class is not what it was.
    """
    if raw.__class__ is list:
        return [restored(item) for item in raw]
    if raw.__class__ is not dict:
        return raw
    if len(raw) == 1:
        [(tag, inner)] = raw.items()
        if tag[:1] == "$":
            return _whole(tag, restored(inner))
    return {key: restored(inner) for key, inner in raw.items()}


def _whole(tag: str, parts: Any) -> Any:
    if tag == _MAP:
        return dict(parts)
    return objects.whole_of(parts) if tag == objects.TAG else _TAGS[tag].whole(parts)


def _mapping(value: dict[Any, Any]) -> dict[str, Any]:
    if all(key.__class__ is str and key[:1] != "$" for key in value):
        return {key: _within(inner, "[{!r}]", key) for key, inner in value.items()}
    return {_MAP: [[_within(key, " among its keys"), _within(inner, "[{!r}]", key)] for key, inner in value.items()]}


def _tagged(value: Any) -> dict[str, Any]:
    kind = _KINDS.get(value.__class__)
    if kind is None:
        return {objects.TAG: _object(value)}
    inner = plain(kind.parts(value))
    return {kind.tag: sorted(inner, key=json.dumps) if kind.tag in _UNORDERED else inner}


def _object(value: Any) -> list[Any]:
    name, state = objects.parts_of(value)
    if state.__class__ is not dict:
        return [name, plain(state)]
    return [name, {field: _within(inner, ".{}", field) for field, inner in state.items()}]


def _within(value: Any, form: str, *where: Any) -> Any:
    try:
        return plain(value)
    except Unkept as error:
        error.inside(form.format(*where))
        raise
