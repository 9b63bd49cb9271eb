"""Inputs, outputs and expected values as text, which no browser writes in another way."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["Shown", "short", "values"]

Shown = tuple[str, str]
"""A text, with what it is: text, number, data. A browser would round long integers and write 1.0 as 1."""
_MOST = 160
"""Characters of what stands in a table."""


def values(given: Mapping[str, Any]) -> dict[str, Shown]:
    return {str(name): _shown(value) for name, value in given.items()}


def short(given: Mapping[str, Any]) -> str:
    """On one line; without names where there is but one."""
    if len(given) == 1:
        return _cut(_shown(next(iter(given.values())))[0])
    return _cut(", ".join(f"{name}: {_cut(_shown(value)[0])}" for name, value in given.items()))


def _shown(value: object) -> Shown:
    """Strings as they are, all else as JSON."""
    if isinstance(value, str):
        return value, "text"
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else "data"
    return json.dumps(value, ensure_ascii=False, indent=2, default=str), kind


def _cut(text: str) -> str:
    line = " ".join(text[: 2 * _MOST].split())
    return line if len(line) <= _MOST else f"{line[:_MOST]}…"
