"""Finds the JSON Schema that a prompt shows to the model."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

__all__ = ["embedded_schema"]

_FENCE = re.compile(r"```json[^\S\n]*\n(.*?)```", re.DOTALL | re.IGNORECASE)
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


@lru_cache(maxsize=256)
def embedded_schema(prompt: str) -> str | None:
    """The JSON text of the last fenced block that holds a schema; None when there is none."""
    for found in reversed(_FENCE.findall(prompt)):
        if _is_schema(found):
            return str(found)
    return None


def _is_schema(text: str) -> bool:
    """Other JSON objects in a prompt are examples."""
    try:
        value: Any = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and (value.get("type") in _TYPES or isinstance(value.get("properties"), dict))
