"""What a task is called: `module:Name`, as it is written on a command line."""

from __future__ import annotations

import functools
from typing import Any

__all__ = ["name_of"]


def name_of(thing: Any) -> str:
    """Of a function, a class, or an object by its class."""
    while isinstance(thing, functools.partial):
        thing = thing.func
    if not hasattr(thing, "__qualname__"):
        thing = type(thing)
    module, name = getattr(thing, "__module__", None), thing.__qualname__
    return f"{module}:{name}" if module else str(name)
