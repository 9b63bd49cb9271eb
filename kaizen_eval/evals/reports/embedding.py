"""Data inside a page, written so that nothing of it can be taken for HTML."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from pydantic_core import PydanticSerializationError, to_json

__all__ = ["Pack", "json_line", "json_text", "packs"]

_PACK = 250_000
"""Bytes of JSON that are packed together: few enough to be read at once where one case of them is opened."""


class Pack(NamedTuple):
    """Lines of JSON, in zlib's format and base64."""

    lines: int
    text: str


def json_text(data: object) -> str:
    """ASCII without `<`, `>` and `&`: it ends no element and opens none, wherever it stands."""
    try:
        text = json.dumps(data, default=_plain, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):  # a key that is no text; a number that JSON does not have
        text = json.dumps(_plain(data), separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def json_line(data: object) -> bytes:
    """One line, for a pack. NaN and infinities become their names."""
    try:
        return to_json(data, inf_nan_mode="strings", fallback=str)
    except PydanticSerializationError:  # half of a character, or bytes that are no text
        text = json.dumps(_plain(data), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")  # which is how JSON writes that, too


def packs(lines: Iterable[bytes]) -> Iterator[Pack]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size > _PACK:
            yield _packed(held)
            held, size = [], 0
    if held:
        yield _packed(held)


def _packed(lines: list[bytes]) -> Pack:
    return Pack(len(lines), base64.b64encode(zlib.compress(b"\n".join(lines), 3)).decode("ascii"))


def _plain(value: Any) -> Any:
    """The same as what JSON knows."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        given = {each.name: getattr(value, each.name) for each in fields(value)}
        return _plain(given)
    return str(value)
