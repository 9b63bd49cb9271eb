"""Finds the JSON Schema that a prompt shows to the model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

__all__ = ["embedded_schema"]

_OPENING = re.compile(r"^[^\S\n]*(?=\{)", re.MULTILINE)
"""Of an object that begins a line, in a fence or not: examples often stand within one."""
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_decode = json.JSONDecoder().raw_decode


@lru_cache(maxsize=256)
def embedded_schema(prompt: str) -> str | None:
    """The JSON text of the last object that begins a line and is a schema; None when there is none."""
    last = None
    for text, value in _objects(prompt):
        if _is_schema(value):
            last = text
    return last


def _objects(prompt: str) -> Iterator[tuple[str, Any]]:
    """Those that begin a line, outermost only; what is broken is left out up to where it breaks."""
    end = 0
    while (opening := _OPENING.search(prompt, end)) is not None:
        start = opening.end()
        try:
            value, end = _decode(prompt, start)
        except json.JSONDecodeError as broken:
            end = max(broken.pos, start + 1)
        except RecursionError:
            return
        else:
            yield prompt[start:end], value


def _is_schema(value: Any) -> bool:
    """Other JSON objects in a prompt are examples."""
    return isinstance(value, dict) and (value.get("type") in _TYPES or isinstance(value.get("properties"), dict))
