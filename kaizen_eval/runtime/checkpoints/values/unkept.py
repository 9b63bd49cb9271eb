"""What cannot be kept: where it is in a result, and what to return instead."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Iterator
from datetime import tzinfo
from enum import Enum
from typing import Any

__all__ = ["Unkept"]

_BASES = (str, int, float, bytes, dict, list, tuple, set, frozenset)
"""Of classes that users derive."""


class Unkept(Exception):
    """Raised where the value stands; each container that it is in adds its own part of the path."""

    def __init__(self, value: object, why: str = "") -> None:
        super().__init__()
        self.path = ""
        """From the result to the value: `['rows'][3]`; empty for the result itself."""
        self._said = why or f"{_what(value)}: {_instead(value)}"

    def inside(self, part: str) -> None:
        self.path = f"{part}{self.path}"

    def __str__(self) -> str:
        return f"{f'at {self.path} ' if self.path else ''}it is {self._said}"


def _what(value: object) -> str:
    if isinstance(value, type):
        return f"the class {value.__qualname__}"
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {value.__name__}"
    return f"a {type(value).__qualname__}"


def _instead(value: Any) -> str:
    if inspect.isroutine(value) or isinstance(value, type):
        return "return its name"
    if isinstance(value, Awaitable):
        return "await it"
    if isinstance(value, Iterator):
        return "return a list of what it yields"
    if isinstance(value, tzinfo):
        return "use a datetime.timezone or a zoneinfo.ZoneInfo"
    for base in () if isinstance(value, Enum) else _BASES:
        if isinstance(value, base):
            return f"return {base.__name__}(…) of it"
    return (
        "return plain values (texts, numbers, lists, dicts, dates), a dataclass, a named tuple, an Enum or a pydantic "
        "model in its place"
    )
