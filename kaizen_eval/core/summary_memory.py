"""SummaryMemory: long sessions whose older turns are replaced by a summary."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import logging
from typing import Self

from kaizen_eval import run_context
from kaizen_eval.checks import an_instance, optional
from kaizen_eval.config import AgentConfig
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.summary import SumUp, conversation, summary_of, summary_turn
from kaizen_eval.core.summary_limits import SummaryLimits
from kaizen_eval.errors import ConfigError, OutputError, RunError
from kaizen_eval.memory.base import NoMemory, Store, Turn, for_agent
from kaizen_eval.memory.buffer import BufferMemory
from kaizen_eval.memory.checks import a_store
from kaizen_eval.memory.session_lock import hold
from kaizen_eval.signatures import Signature

__all__ = ["SummaryMemory"]

_logger = logging.getLogger("kaizen_eval")


class SummaryMemory:
    """Once a session is longer than it may be, an agent sums up its older turns; the summary is shown in their place.

    That is done when the session is next loaded, within the run that asks for it: as a run of its own, which has at
    most half of the time that is left, and counts in the budgets around it. When it fails, the turns are kept, all of
    them are shown, and the next run tries again.

    Args:
        agent: what writes the summaries; its signature takes `earlier` and `conversation` and gives `summary`.
        config: of an agent that is made for that; without both, it is asked as the agent that uses this memory is.
        max_turns: turns that a session may have, the summary counting as one.
        max_tokens: what they may add to a prompt, by the model of the agent that uses this memory.
        keep: at most how many of the newest turns stay as they are; half of the limits unless given.
        store: where turns and summaries are kept, such as a SqliteMemory; in this process unless given.

    Raises:
        ConfigError: no limit is given, or a part cannot work.
    """

    def __init__(  # noqa: PLR0913 - the agent, the limits, and the store
        self,
        agent: BaseAgent | None = None,
        *,
        config: object = None,
        max_turns: int | None = None,
        max_tokens: int | None = None,
        keep: int | None = None,
        store: Store | None = None,
    ) -> None:
        self._limits = SummaryLimits(max_turns=max_turns, max_tokens=max_tokens, keep=keep)
        self._agent = _summarizer(agent, config)
        optional(a_store, "store", store)
        self._store = BufferMemory() if store is None else store
        self._config: AgentConfig | None = None
        """Of the agent that asks; None where none does."""
        self._gate = NoMemory()
        """Held while a session is summed up, so that this happens once."""

    def for_agent(self, config: AgentConfig) -> Self:
        """The same sessions, counted by that agent's model, and summed up by it where nobody else is named."""
        view = copy.copy(self)
        view._config = config  # noqa: SLF001 - a copy of its own
        view._store = for_agent(self._store, config)  # type: ignore[assignment]  # noqa: SLF001 - a store's view is one
        return view

    async def load(self, session_id: str) -> tuple[Turn, ...]:
        """The session's turns, after its summary if it has one.

        Raises:
            UsageError: the summarizing agent's code or script is wrong.
        """
        async with hold(self._gate, session_id):
            turns = await self._store.load(session_id)
            while old := self._limits.beyond(turns, model=self._model):
                if not await self._sum_up(session_id, old):
                    return await self._store.load(session_id)
                turns = await self._store.load(session_id)
            return turns

    async def append(self, session_id: str, turn: Turn) -> None:
        await self._store.append(session_id, turn)

    async def clear(self, session_id: str) -> None:
        await self._store.clear(session_id)

    @property
    def _model(self) -> str | None:
        return None if self._config is None else self._config.model

    async def _sum_up(self, session_id: str, old: tuple[Turn, ...]) -> bool:
        """False when there is no summary, or another process was quicker."""
        try:
            summary = await self._summary(old)
        except (RunError, TimeoutError) as error:
            _tell(session_id, error)
            return False
        return await self._store.replace(session_id, old, (summary_turn(summary),))

    async def _summary(self, old: tuple[Turn, ...]) -> str:
        earlier = summary_of(old[0])
        said = conversation(old if earlier is None else old[1:])
        run = run_context.active()
        async with asyncio.timeout(None if run is None else run.deadline.remaining() / 2):
            result = await self._asked().run_async(earlier=earlier or "", conversation=said)
        summary = str(result["summary"])
        if not summary.strip():  # nothing may take the place of what was said
            raise OutputError("The summary is empty.", reply=summary)
        return summary

    def _asked(self) -> BaseAgent:
        """Without what the agent that uses this memory sets for its own answers."""
        if self._agent is not None:
            return self._agent
        config = self._config or AgentConfig()
        plain = dataclasses.replace(config, max_tokens=None, stop=())
        return BaseAgent(plain, signature=SumUp, agent_id="summarizer")

    def __repr__(self) -> str:
        return f"SummaryMemory({self._limits}, store={self._store!r})"


def _summarizer(agent: BaseAgent | None, config: object) -> BaseAgent | None:
    an_instance("agent", agent)
    if agent is None:
        return None if config is None else BaseAgent(config, signature=SumUp, agent_id="summarizer")
    if config is not None:
        raise ConfigError("SummaryMemory takes an agent, or the config of one, not both.")
    signature: type[Signature] | None = getattr(agent, "signature", None)
    if signature is None or not _sums_up(signature):
        raise ConfigError(
            "agent must be a BaseAgent whose signature takes 'earlier' and 'conversation' and gives 'summary', as "
            f"kaizen_eval.core.summary.SumUp does; not {agent!r}."
        )
    return agent


def _sums_up(signature: type[Signature]) -> bool:
    required = {name for name, field in signature.input_fields.items() if field.required}
    takes = {"earlier", "conversation"}
    return takes <= set(signature.input_fields) and required <= takes and "summary" in signature.output_fields


def _tell(session_id: str, error: Exception) -> None:
    told = {"event": "SummaryFailed", "session": session_id, "error_type": type(error).__name__}
    text = "session %s could not be summed up (%s: %s): its turns are kept"
    _logger.warning(text, session_id, type(error).__name__, error, extra={"kaizen": told})
