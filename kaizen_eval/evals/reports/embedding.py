"""Data inside a page, written so that nothing of it can be taken for HTML."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any

__all__ = ["chunks", "json_text"]

_CHUNK = 250_000
"""Characters of JSON that are packed together: few enough to be read at once where one case of them is opened."""


def json_text(data: object) -> str:
    """ASCII without `<`, `>` and `&`: it ends no element and opens none, wherever it stands.

    Fields of dataclasses that are None or empty are left out; NaN and infinities become their names.
    """
    try:
        text = json.dumps(data, default=_plain, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(_finite(data), default=_plain, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def chunks(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines of JSON packed together, each pack with the number of its lines: zlib's format in base64."""
    pack: list[str] = []
    size = 0
    for line in lines:
        pack.append(line)
        size += len(line)
        if size > _CHUNK:
            yield len(pack), _packed(pack)
            pack, size = [], 0
    if pack:
        yield len(pack), _packed(pack)


def _packed(lines: list[str]) -> str:
    return base64.b64encode(zlib.compress("\n".join(lines).encode("ascii"), 4)).decode("ascii")


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {name: given for name in _names(type(value)) if (given := getattr(value, name)) not in _NOTHING}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    return str(value)


_NOTHING: tuple[object, ...] = (None, (), "", {})


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _finite(value: Any) -> Any:
    """The same with names in place of numbers that JSON does not have."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _finite(_plain(value))
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return value
