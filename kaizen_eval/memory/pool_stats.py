"""PoolStats: what a pool of insights holds, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kaizen_eval.memory.insight import Insight

__all__ = ["PoolStats", "stats_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolStats:
    """Figures of a SharedMemoryPool."""

    insights: int
    """Held now."""
    chars: int
    """Of their texts."""
    agents: Mapping[str, int]
    """How many each agent has written, of those that are held; so with segments and tags. Sorted by name."""
    segments: Mapping[str, int]
    tags: Mapping[str, int]
    written: int
    """Since the pool was made."""
    dropped: int
    """Of those, for want of room."""


def stats_of(insights: Sequence[Insight], *, written: int, dropped: int) -> PoolStats:
    return PoolStats(
        insights=len(insights),
        chars=sum(insight.chars for insight in insights),
        agents=_counted(insight.agent_id for insight in insights),
        segments=_counted(insight.segment for insight in insights if insight.segment),
        tags=_counted(tag for insight in insights for tag in insight.tags),
        written=written,
        dropped=dropped,
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
