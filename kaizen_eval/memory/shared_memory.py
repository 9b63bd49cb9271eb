"""SharedMemoryPool: what agents let each other know, in this process."""

from __future__ import annotations

import math
import os
import threading
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from kaizen_eval.checks import number, optional, text_or_none, whole
from kaizen_eval.errors import ConfigError
from kaizen_eval.memory.insight import Insight, Shown
from kaizen_eval.memory.insight_checks import name, parts
from kaizen_eval.memory.pool_stats import PoolStats, stats_of
from kaizen_eval.memory.relevance import Relevance, fitting
from kaizen_eval.resilience.clock import wall_time

__all__ = ["SharedMemoryPool", "SharedMemoryView"]

_lock = threading.Lock()
"""Over all pools: none is held for long."""


def _renew() -> None:
    """In a forked child the thread that held the parent's lock is not there to let go of it."""
    global _lock  # noqa: PLW0603 - there is one lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_renew)


class SharedMemoryPool:
    """Keeps insights, the most important first and of equally important ones the newest; safe across threads and loops.

    Args:
        max_insights: when there are more, the least important one goes, and of several the oldest.
        max_chars: of all texts of one insight; a longer one is refused.
    """

    def __init__(self, *, max_insights: int = 10_000, max_chars: int = 4_000) -> None:
        whole("max_insights", max_insights, least=1)
        whole("max_chars", max_chars, least=1)
        self._max_insights = max_insights
        self._max_chars = max_chars
        self._insights: list[Insight] = []
        self._written = 0
        self._dropped = 0

    def write_insight(
        self, agent_id: str, content: str, tags: Iterable[str] = (), importance: float = 0.5, segment: str = ""
    ) -> Insight:
        """Let others know. In a full pool, an insight less important than all others is dropped at once.

        Raises:
            ConfigError: an argument cannot work, or the insight is too long.
        """
        checked = parts(agent_id, content, tags, importance, segment)
        with _lock:
            insight = Insight(**checked, at=wall_time(), number=self._written + 1)
            self._refuse_long(insight)
            self._add(insight)
        return insight

    def read_relevant(  # noqa: PLR0913, PLR0917 - what relevance depends on
        self,
        agent_id: str,
        tags: Iterable[str] | None = None,
        min_importance: float = 0.0,
        segments: Iterable[str] | None = None,
        max_age: float | None = None,
        exclude_own: bool = True,  # noqa: FBT001, FBT002 - one of several, which go by name
        limit: int | None = 10,
    ) -> tuple[Insight, ...]:
        """The insights that are relevant to an agent, the most important first, then the newest.

        Args:
            agent_id: who reads.
            tags: an insight must have one of these; None takes all insights.
            min_importance: from 0 to 1.
            segments: an insight must be of one of these; None takes all.
            max_age: in seconds, by the clock, which is virtual where time is.
            exclude_own: whether what the agent wrote itself is left out.
            limit: how many, at most; None gives all.

        Raises:
            ConfigError: an argument cannot work.
        """
        asked = Relevance(
            tags=tags,
            min_importance=min_importance,
            segments=segments,
            max_age=max_age,
            exclude_own=exclude_own,
            limit=limit,
        )
        return asked.of(tuple(self), name("agent_id", agent_id), now=wall_time())

    def view(  # noqa: PLR0913 - what relevance depends on
        self,
        *,
        tags: Iterable[str] | None = None,
        min_importance: float = 0.0,
        segments: Iterable[str] | None = None,
        max_age: float | None = None,
        exclude_own: bool = True,
        limit: int | None = 10,
        max_chars: int = 20_000,
    ) -> SharedMemoryView:
        """What agents are to see of this pool, for `BaseAgent(shared_memory=…)`: as `read_relevant` takes it.

        A prompt shows insights of at most `max_chars` characters together, each whole or not at all.
        """
        whole("max_chars", max_chars, least=1)
        asked = Relevance(
            tags=tags,
            min_importance=min_importance,
            segments=segments,
            max_age=max_age,
            exclude_own=exclude_own,
            limit=limit,
        )
        return SharedMemoryView(self, asked, max_chars)

    def clear(self, *, agent_id: str | None = None, segment: str | None = None, older_than: float | None = None) -> int:
        """Forget the insights of which all that is given holds, without arguments all; returns how many.

        Args:
            agent_id: who wrote them.
            segment: whose segment it is.
            older_than: in seconds.
        """
        text_or_none("agent_id", agent_id)
        text_or_none("segment", segment)
        optional(number, "older_than", older_than, least=0)
        until = math.inf if older_than is None else wall_time() - older_than
        with _lock:
            before = len(self)
            self._insights = [
                insight
                for insight in self._insights
                if agent_id not in {None, insight.agent_id}
                or segment not in {None, insight.segment}
                or insight.at >= until
            ]
            return before - len(self)

    def stats(self) -> PoolStats:
        with _lock:
            held, written, dropped = tuple(self._insights), self._written, self._dropped
        return stats_of(held, written=written, dropped=dropped)

    def _add(self, insight: Insight) -> None:
        self._written = insight.number
        insort(self._insights, insight, key=_rank)
        if len(self._insights) > self._max_insights:
            self._insights.pop()
            self._dropped += 1

    def _refuse_long(self, insight: Insight) -> None:
        if insight.chars > self._max_chars:
            raise ConfigError(
                f"The insight of {insight.agent_id!r} has {insight.chars} characters, tags and names included; this "
                f"pool takes {self._max_chars} at most. Shorten it, or make the pool with a higher max_chars."
            )

    def __iter__(self) -> Iterator[Insight]:
        """As they are now: what is written meanwhile is not among them."""
        with _lock:
            return iter(tuple(self._insights))

    def __len__(self) -> int:
        return len(self._insights)

    def __bool__(self) -> bool:
        """An empty pool is a pool: `if self.shared_memory` asks whether there is one."""
        return True

    def __copy__(self) -> Self:
        """Itself: whoever copies an agent means it to go on sharing."""
        return self

    def __deepcopy__(self, memo: Mapping[int, object]) -> Self:
        return self

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled is a pool of its own, with what this one holds now."""
        with _lock:
            return {**vars(self), "_insights": [*self._insights]}

    def __repr__(self) -> str:
        return f"<SharedMemoryPool: {len(self)} of at most {self._max_insights} insights>"


@dataclass(frozen=True, slots=True)
class SharedMemoryView:
    """What agents see of a pool; made by `pool.view(…)`."""

    pool: SharedMemoryPool
    relevance: Relevance
    max_chars: int

    def read_relevant(self, agent_id: str) -> tuple[Insight, ...]:
        """All that is relevant to the agent, whether a prompt has room for it or not."""
        asked = self.relevance
        return self.pool.read_relevant(
            agent_id,
            tags=asked.tags,
            min_importance=asked.min_importance,
            segments=asked.segments,
            max_age=asked.max_age,
            exclude_own=asked.exclude_own,
            limit=asked.limit,
        )

    def write_insight(
        self, agent_id: str, content: str, tags: Iterable[str] = (), importance: float = 0.5, segment: str = ""
    ) -> Insight:
        """To the pool: a view limits what is read alone."""
        return self.pool.write_insight(agent_id, content, tags, importance, segment)

    def shown_to(self, agent_id: str) -> Shown:
        """What a run of the agent is shown."""
        return fitting(self.read_relevant(agent_id), self.max_chars)


def _rank(insight: Insight) -> tuple[float, int]:
    return -insight.importance, -insight.number
