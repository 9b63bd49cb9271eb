"""Edge: that one node comes after another, what it is given of its result, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Edge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From one node to another."""

    source: str
    target: str
    mapping: Mapping[str, str] | None = None
    """Input of the target, by field of the source's result (`output`: the whole of it). None: fields and inputs of one
    name.
    """
    when: str | Callable[[Any], Any] | None = None
    """An expression over templates, or a function of the source's result: the edge counts where it holds."""
