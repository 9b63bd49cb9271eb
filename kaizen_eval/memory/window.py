"""WindowMemory: of each session the newest turns that fit into so many tokens."""

from __future__ import annotations

import copy
from typing import Self

from kaizen_eval.checks import optional, text_or_none, whole
from kaizen_eval.config import AgentConfig
from kaizen_eval.memory.base import Memory, Store, Turn, for_agent
from kaizen_eval.memory.buffer import BufferMemory
from kaizen_eval.memory.checks import a_memory
from kaizen_eval.memory.fitting import newest_within

__all__ = ["WindowMemory"]


class WindowMemory:
    """Shows the newest turns that fit into `max_tokens` together; a turn is shown whole or not at all.

    They are counted as the provider counts them in a prompt. The system message and the new input come on top.

    Args:
        max_tokens: what the turns may add to a prompt.
        model: whose tokens are counted; None means the model of the agent that asks.
        max_sessions: the least recently used session is forgotten when there are more; for its own store alone.
        store: where the turns are kept, all of them; without one they are kept here, and those that no longer fit
            are dropped.
    """

    def __init__(
        self,
        max_tokens: int,
        *,
        model: str | None = None,
        max_sessions: int = 10_000,
        store: Memory | None = None,
    ) -> None:
        whole("max_tokens", max_tokens, least=1)
        text_or_none("model", model)
        optional(a_memory, "store", store)
        self._max_tokens = max_tokens
        self._model = model
        own = BufferMemory(max_sessions=max_sessions)
        self._own: Store | None = own if store is None else None
        self._kept: Memory = own if store is None else store

    def for_agent(self, config: AgentConfig) -> Self:
        """The same sessions, counted by that agent's model."""
        view = copy.copy(self)
        view._model = self._model or config.model  # noqa: SLF001 - a copy of its own
        view._kept = for_agent(self._kept, config)  # noqa: SLF001 - a copy of its own
        return view

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        return self._fitting(await self._kept.load(session_id))

    async def append(self, session_id: str, turn: Turn) -> None:
        await self._kept.append(session_id, turn)
        if self._own is not None:
            turns = await self._own.load(session_id)
            await self._own.replace(session_id, turns[: len(turns) - len(self._fitting(turns))], ())

    async def clear(self, session_id: str) -> None:
        await self._kept.clear(session_id)

    def _fitting(self, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
        return newest_within(turns, self._max_tokens, model=self._model)

    def __repr__(self) -> str:
        return f"WindowMemory(max_tokens={self._max_tokens}, model={self._model!r})"
