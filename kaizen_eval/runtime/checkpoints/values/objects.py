"""Objects of users' classes taken apart: enums, named tuples, dataclasses, models of pydantic."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from enum import Enum
from typing import Any

from kaizen_eval.runtime.checkpoints.values.classes import class_named, name_of
from kaizen_eval.runtime.checkpoints.values.unkept import Unkept

__all__ = ["TAG", "parts_of", "whole_of"]

TAG = "$object"
_BUILT_IN = (str, int, float, bytes, dict, list, tuple, set, frozenset, BaseException)


def parts_of(value: Any) -> list[Any]:
    """The class's name, and what the object holds.

    Raises:
        Unkept: it is of no such class, or of one that cannot be found again by its name.
    """
    state = _state(value)
    home: Any = type(value)
    name = name_of(home)
    if name is None:
        raise Unkept(
            value,
            f"a {home.__qualname__}, which {home.__module__} does not hold under that name: define the class at the "
            "top of a module",
        )
    return [name, state]


def whole_of(parts: list[Any]) -> Any:
    """The object; its class's `__init__` is not called.

    Raises:
        ConfigError: its class is gone.
        ValueError, TypeError, AttributeError: its class holds other fields now.
    """
    name, state = parts
    kind = class_named(name)
    if issubclass(kind, Enum):
        return kind[state] if isinstance(state, str) else kind(*state)
    if issubclass(kind, tuple):
        _complete(kind, kind._fields, state)
        return tuple.__new__(kind, state.values())
    whole = kind.__new__(kind)
    if _is_model(kind):
        _complete(kind, kind.__pydantic_fields__, state["__dict__"])
        whole.__setstate__(state)
        return whole
    _complete(kind, _fields(kind), state)
    for field, value in state.items():
        object.__setattr__(whole, field, value)
    return whole


def _state(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name if value.name in type(value).__members__ else [value.value]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return dict(zip(value._fields, value, strict=True))
    if isinstance(value, (*_BUILT_IN, type)):
        raise Unkept(value)
    if _is_model(type(value)):
        return _complete_state(value)
    if dataclasses.is_dataclass(value):
        return {**{field: getattr(value, field) for field in _fields(type(value))}, **getattr(value, "__dict__", {})}
    raise Unkept(value)


def _complete_state(model: Any) -> Any:
    state = model.__getstate__()
    _complete(type(model), type(model).__pydantic_fields__, state["__dict__"])
    return state


def _is_model(kind: type) -> bool:
    return hasattr(kind, "__pydantic_fields__") and hasattr(kind, "model_dump")


def _fields(kind: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


def _complete(kind: type, fields: Iterable[str], state: Any) -> None:
    missing = [field for field in fields if field not in state]
    if missing:
        raise ValueError(f"{kind.__qualname__} has fields that were not kept: {', '.join(missing)}")
