"""What a path leads to: by keys, indexes and fields, or why it leads nowhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from kaizen_eval.errors import InputError
from kaizen_eval.suggestion import suggestion

__all__ = ["MISSING", "WHOLE", "fields_in", "kind_of", "reached"]

WHOLE = "output"
"""As the first part of a path, the whole result, unless the result has a field of that name."""

MISSING: Any = object()


def reached(start: str, path: Sequence[str], scope: Mapping[str, Any], text: str) -> Any:
    """What is in the scope under `start`, and then along the path.

    Raises:
        InputError: naming the text, how far the path went, and what there is.
    """
    if start not in scope:
        raise InputError(f"{text}: there is no {start!r} here{suggestion(start, scope)} There is: {_listed(scope)}.")
    value = scope[start]
    for place, name in enumerate(path):
        found = _step(value, name)
        if found is MISSING and (place or name != WHOLE):
            raise InputError(f"{text}: {_nothing(value, name, '.'.join([start, *path[:place]]))}")
        value = value if found is MISSING else found
    return value


def _step(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value[name] if name in value else value.get(_index(name), MISSING)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        index = _index(name)
        if index is not None:
            return value[index] if -len(value) <= index < len(value) else MISSING
    return getattr(value, name, MISSING) if name in fields_in(value) else MISSING


def _index(name: str) -> int | None:
    return int(name) if name.removeprefix("-").isdecimal() else None


def fields_in(value: Any) -> tuple[str, ...]:
    """The names by which a value's parts are reached; none of a text, a number or a list."""
    if isinstance(value, Mapping):
        return tuple(name for name in value if isinstance(name, str))
    if isinstance(value, type):
        return ()
    if dataclasses.is_dataclass(value):
        return tuple(field.name for field in dataclasses.fields(value))
    fields: Any = getattr(type(value), "model_fields", None) or getattr(value, "_fields", ())
    return tuple(fields)


def _nothing(value: Any, name: str, where: str) -> str:
    known = fields_in(value)
    if known:
        return f"{where} has no {name!r}{suggestion(name, known)} It has: {_listed(known)}."
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return (
            f"{where} is a {type(value).__name__} of {len(value)}, which has no {name!r}; items go by number, from 0."
        )
    if isinstance(value, Mapping):
        return f"{where} is empty, so that it has no {name!r}."
    whole = where if "." in where else f"{where}.{WHOLE}"
    return f"{where} is {kind_of(value)}, which has no fields; the whole of it is {{{{{whole}}}}}."


def kind_of(value: Any) -> str:
    """In words."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _listed(names: Any) -> str:
    return ", ".join(map(str, names)) or "nothing"
