"""Whether JSON that came has the shape that it should have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

__all__ = ["WrongShapeError", "count", "optional", "the", "unreadable", "words_of"]

_T = TypeVar("_T")
_KINDS: Mapping[type, str] = {dict: "an object", list: "a list", str: "text"}


class WrongShapeError(Exception):
    """What came: a noun, as the sentence of an error goes on."""


def the(kind: type[_T], name: str, value: object) -> _T:
    """The value, which is of this kind.

    Raises:
        WrongShapeError: it is not.
    """
    if not isinstance(value, kind):
        raise WrongShapeError(f"{_shown(value)} as {name}, where {_KINDS[kind]} belongs")
    return value


def optional(kind: type[_T], name: str, data: Mapping[str, Any]) -> _T | None:
    """The field, which may be missing or null. Raises as `the`."""
    value = data.get(name)
    return None if value is None else the(kind, name, value)


def count(name: str, data: Mapping[str, Any]) -> int:
    """The field, a whole number from 0; missing or null it is 0. Raises as `the`."""
    value = 0 if data.get(name) is None else data[name]
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WrongShapeError(f"{_shown(value)} as {name}, where a count belongs")
    return value


def words_of(error: object) -> str:
    """What an error in a body says, in brackets; nothing where it does not say."""
    message = error.get("message") if isinstance(error, dict) else error
    return f" ({message})" if isinstance(message, str) else ""


def unreadable(text: str, error: Exception) -> str:
    """What a text is that was to be JSON."""
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        return "HTML"
    where = f" ({error.msg} at character {error.pos})" if isinstance(error, json.JSONDecodeError) else f" ({error})"
    return f"{len(text)} characters that are not JSON{where}"


def _shown(value: object) -> str:
    """What it is; what it says is in the error's body, where secrets can be taken out."""
    return _KINDS.get(type(value)) or json.dumps(value)
