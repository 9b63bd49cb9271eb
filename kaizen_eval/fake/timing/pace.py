"""Pace: when the tokens of one answer come."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AT_ONCE", "Pace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What was drawn from a latency for one request; seconds on the clock of the door."""

    first: float = 0.0
    """To the first token, and so to the head of a stream."""
    per_token: float = 0.0

    def seconds(self, tokens: int) -> float:
        """To the end of a reply of so many tokens."""
        return self.first + self.per_token * tokens


AT_ONCE = Pace()
