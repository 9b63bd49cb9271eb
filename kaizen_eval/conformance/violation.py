"""What a law raises: Violation where it does not hold, NotApplicable where it has nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaizen_eval.conformance.observation import Observation

__all__ = ["NotApplicable", "Violation", "require"]


class Violation(AssertionError):
    """A law does not hold: what was expected, and what was seen instead."""

    def __init__(self, text: str, seen: Observation | None = None) -> None:
        super().__init__(text)
        self.seen = seen
        """Where it shows."""


class NotApplicable(Exception):
    """A law has nothing to say here: why, in a few words."""


def require(holds: object, text: str, seen: Observation) -> None:
    """Raise Violation, with this text, unless it holds."""
    if not holds:
        raise Violation(text, seen)
