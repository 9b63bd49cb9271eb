"""An object written as `key: value` lines and `- item` lists, the way models write YAML."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

__all__ = ["from_lines"]

_NOT_PLAIN = re.compile(r"^[|>&*!%@`{\[\"'#]|\s#|(?:\.\.\.|…|^[Nn]one)$")
_NULLS: dict[str, None] = {"null": None, "~": None}


def from_lines(text: str, fields: Collection[str]) -> Any:
    """The object that the lines say, scalars as text; None unless they are all and only our fields."""
    value: dict[str, Any] = {}
    for line in text.splitlines():
        if line.strip() and not _take_line(line, value, fields):
            return None
    complete = value.keys() == set(fields) and [] not in value.values()
    return value if complete else None


def _take_line(line: str, value: dict[str, Any], fields: Collection[str]) -> bool:
    dash, _, item = line.strip().partition(" ")
    if dash == "-":
        return _take_item(item.strip(), value)
    key, colon, stated = line.partition(":")
    if not colon or key not in fields or key in value:
        return False
    stated = stated.strip()
    value[key] = _NULLS.get(stated, stated or [])
    return _NOT_PLAIN.search(stated) is None


def _take_item(item: str, value: dict[str, Any]) -> bool:
    last = next(reversed(value.values()), None)
    if not isinstance(last, list) or not item or _NOT_PLAIN.search(item):
        return False
    last.append(item)
    return True
