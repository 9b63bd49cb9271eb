"""Kind: how values of one type are taken apart into simpler ones, and put together again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """Of one type exactly: its subclasses are others."""

    type: type
    tag: str
    """As it stands in files, for ever."""
    parts: Callable[[Any], Any]
    """A value of a simpler kind."""
    whole: Callable[[Any], Any]
    """What it was made of."""
