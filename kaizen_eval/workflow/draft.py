"""Draft: a node as it was added, before anything of it is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = ["Draft", "kept"]


class Draft(NamedTuple):
    """What `add_node` was given; nothing of it is checked."""

    type: Any
    id: Any
    config: Any
    each: Any
    concurrency: Any
    timeout: Any
    retry: Any


def kept(value: Any) -> Any:
    """A mapping that stays as it is, whatever becomes of the caller's; what is none is for others to refuse."""
    return (
        MappingProxyType({name: _copied(inner) for name, inner in value.items()})
        if isinstance(value, Mapping)
        else value
    )


def _copied(value: Any) -> Any:
    if type(value) is dict:
        return {name: _copied(inner) for name, inner in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_copied, value))
    return value
