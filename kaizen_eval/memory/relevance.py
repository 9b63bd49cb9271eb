"""Which insights are relevant to whom, and how many of them fit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from kaizen_eval.checks import flag, number, optional, whole
from kaizen_eval.memory.insight import Insight, Shown
from kaizen_eval.memory.insight_checks import from_0_to_1, names

__all__ = ["Relevance", "fitting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    """What must hold of an insight, all of it; None asks for nothing."""

    tags: Iterable[str] | None = None
    """Any of these."""
    min_importance: float = 0.0
    segments: Iterable[str] | None = None
    """One of these."""
    max_age: float | None = None
    """Seconds."""
    exclude_own: bool = True
    limit: int | None = 10

    def __post_init__(self) -> None:
        from_0_to_1("min_importance", self.min_importance)
        optional(number, "max_age", self.max_age, least=0)
        flag("exclude_own", self.exclude_own)
        optional(whole, "limit", self.limit, least=1)
        for which in ("tags", "segments"):
            given = getattr(self, which)
            object.__setattr__(self, which, None if given is None else names(which, given))

    def of(self, insights: Sequence[Insight], agent_id: str, *, now: float) -> tuple[Insight, ...]:
        """The first `limit` that are relevant to the agent, of insights that are sorted by importance."""
        found = iter(insights[: _how_many(insights, self.min_importance)])
        if self.exclude_own:
            found = (each for each in found if each.agent_id != agent_id)
        if self.max_age is not None:
            since = now - self.max_age
            found = (each for each in found if each.at >= since)
        if self.segments is not None:
            segments = frozenset(self.segments)
            found = (each for each in found if each.segment in segments)
        if self.tags is not None:  # last, as it takes longest
            tags = frozenset(self.tags)
            found = (each for each in found if not tags.isdisjoint(each.tags))
        return tuple(islice(found, self.limit))


def _how_many(insights: Sequence[Insight], min_importance: float) -> int:
    return bisect_right(insights, -min_importance, key=lambda insight: -insight.importance)


def fitting(insights: Iterable[Insight], max_chars: int) -> Shown:
    """Those that fit together, each whole or not at all; the first ones go first."""
    shown: list[Insight] = []
    left_out, room = 0, max_chars
    for insight in insights:
        if insight.chars > room:
            left_out += 1
        else:
            room -= insight.chars
            shown.append(insight)
    return Shown(tuple(shown), left_out)
