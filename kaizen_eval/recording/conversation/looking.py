"""Looks into JSON that may be anything: what is not of the kind that is looked for counts as nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["count", "json_of", "mapping", "mappings", "text"]


def json_of(body: bytes | str, default: Any = None) -> Any:
    """The value that is written there; `default` where none is."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return default


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def mappings(values: Any) -> list[Mapping[str, Any]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def count(value: Any, default: int = 0) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default
