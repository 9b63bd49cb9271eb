"""Reading the config objects of users: dataclasses, pydantic models, plain classes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from kaizen_eval.errors import ConfigError

__all__ = ["attributes"]


def attributes(source: object) -> dict[str, Any]:
    """The public attributes of an object, its class's included, by name; methods too."""
    if isinstance(source, str | bytes | int | float | list | tuple | set):
        raise ConfigError(  # without the value: it may be a key
            "A config is an AgentConfig, a mapping, or an object with attributes such as model and timeout, "
            f"not {type(source).__name__}."
        )
    names = {*_class_fields(type(source)), *getattr(source, "__dict__", {})}
    if isinstance(source, type):
        names |= set(_class_fields(source))
    return {name: getattr(source, name) for name in sorted(names) if not name.startswith("_") and hasattr(source, name)}


def _class_fields(cls: type) -> Iterator[str]:
    """Fields of a dataclass or pydantic model, else all class attributes; nothing that a library's base brings."""
    if dataclasses.is_dataclass(cls):
        yield from (field.name for field in dataclasses.fields(cls))
    elif hasattr(cls, "__pydantic_fields__"):
        yield from cls.__pydantic_fields__
    else:
        yield from (name for base in cls.__mro__[:-1] for name in vars(base))
