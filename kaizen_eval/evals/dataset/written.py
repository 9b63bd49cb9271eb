"""Written: one case as a file has it, with the places of its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Path", "Spot", "Written"]

Path = tuple[str | int, ...]
"""Steps into a value: ("turns", 0, "inputs", "question")."""


class Spot(NamedTuple):
    """A place in a file, both counted from 1; 0 where nobody knows."""

    line: int = 0
    column: int = 0


class Written(NamedTuple):
    value: Any
    """As JSON knows it; nothing is known of it but that."""
    spot: Spot
    within: Callable[[Path], Spot] | None = None
    """Where a part of it stands; None where all of it stands in one line."""

    def at(self, *path: str | int) -> Spot:
        """Where a part stands, or the nearest part around it."""
        return self.within(path) if path and self.within is not None else self.spot
