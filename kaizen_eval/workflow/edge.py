"""Edge: that one node comes after another, what it is given of its result, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Edge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """From one node to another."""

    source: str
    target: str
    mapping: Mapping[str, str] | None = None
    """By field of the source's result (`output`: the whole of it), the input of the target that it fills. None: fields
    and inputs of one name.
    """
    when: str | Callable[[Any], Any] | None = None
    """An expression over templates, or a function of the source's result: the edge counts where it holds."""
    fills: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The mapping from the other side: the field, by input of the target."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fills", _turned(self.mapping))


def _turned(mapping: object) -> dict[str, str]:
    """Of what can be no mapping of names as little as there is: `build()` refuses it."""
    if not isinstance(mapping, Mapping):
        return {}
    turned: dict[str, str] = {}
    for path, name in mapping.items():
        if isinstance(name, str):
            turned.setdefault(name, path)
    return turned
