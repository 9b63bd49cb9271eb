"""Remembers JSON values that were found to be in order: requests carry the same schemas and tools over and over."""

from __future__ import annotations

import marshal
from typing import Any

__all__ = ["Known"]

_REMEMBERED = 256
_LARGE = 65_536
"""Bytes of a value that is looked at anew each time."""


class Known:
    """Values, known again by what they hold: one that its owner changes is another one."""

    def __init__(self) -> None:
        self._values: set[bytes] = set()

    def has(self, value: Any) -> bool:
        return _written(value) in self._values

    def note(self, value: Any) -> None:
        written = _written(value)
        if written is None or len(written) > _LARGE:
            return
        if len(self._values) >= _REMEMBERED:
            self._values.clear()
        self._values.add(written)


def _written(value: Any) -> bytes | None:
    """None for what is deep, or holds a mapping that is no dict."""
    try:
        return marshal.dumps(value, 2)
    except ValueError:
        return None
