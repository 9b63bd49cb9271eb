"""Moment: one line of a diagram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Kind", "Moment"]

Kind = Literal["ask", "request", "answer", "exchange", "wait", "tool", "end", "left"]
"""An exchange is a request that is answered in the same instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What happened at one time in one run."""

    at_ns: int
    """Since the beginning, on the virtual clock."""
    ask: int | None
    """Of which ask, from 1; None where that is not known."""
    kind: Kind
    text: str
    """One line of what a terminal shows as it is."""
