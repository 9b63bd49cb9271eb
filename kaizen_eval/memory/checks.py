"""Checks of what is given as a memory."""

from __future__ import annotations

from kaizen_eval.checks import an_instance
from kaizen_eval.errors import ConfigError
from kaizen_eval.memory.base import Memory, Store

__all__ = ["a_memory", "a_store"]


def a_memory(name: str, value: object) -> None:
    an_instance(name, value)
    if not isinstance(value, Memory):
        raise ConfigError(f"{name} needs the async methods load, append and clear; {value!r} lacks some.")


def a_store(name: str, value: object) -> None:
    an_instance(name, value)
    if not isinstance(value, Store):
        raise ConfigError(
            f"{name} needs the async methods load, append, clear and replace, as BufferMemory and SqliteMemory have; "
            f"{value!r} lacks some."
        )
