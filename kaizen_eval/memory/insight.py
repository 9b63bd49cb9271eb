"""Insight: what one agent lets others know."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Insight", "Shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """What an agent has written to a SharedMemoryPool."""

    agent_id: str
    """Who wrote it."""
    content: str
    tags: tuple[str, ...] = ()
    """Sorted, each once."""
    importance: float = 0.5
    """From 0 to 1."""
    segment: str = ""
    """The part of the work that it belongs to, such as "research"."""
    at: float
    """When it was written, in seconds since 1970; on virtual time, where time is virtual."""
    number: int
    """Which of its pool's it is, from 1 in the order of writing."""

    @property
    def chars(self) -> int:
        """Of all its texts together."""
        return len(self.agent_id) + len(self.content) + len(self.segment) + sum(map(len, self.tags))


@dataclass(frozen=True, slots=True)
class Shown:
    """What one run of an agent is shown of the insights that are relevant to it."""

    insights: tuple[Insight, ...] = ()
    left_out: int = 0
    """How many did not fit in as well."""

    def __bool__(self) -> bool:
        """Whether anything is relevant."""
        return bool(self.insights or self.left_out)
