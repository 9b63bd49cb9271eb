"""An agent as a task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from kaizen_eval.evals.running.tasks.naming import name_of

if TYPE_CHECKING:
    from kaizen_eval.core.base_agent import BaseAgent
    from kaizen_eval.signatures import Signature
    from kaizen_eval.strategies.base import Strategy

__all__ = ["AgentTask"]


class AgentTask:
    """Each turn is a run; those of a case with turns are one session.

    Args:
        agent: the agent.
        made_by: what made it, where it was not given itself.
    """

    def __init__(self, agent: BaseAgent, *, made_by: Callable[[], BaseAgent] | None = None) -> None:
        self.agent = agent
        self._made_by = made_by
        self.name = name_of(type(agent) if made_by is None else made_by)
        self.signature: type[Signature] | None = agent.signature
        self.strategy: str | None = _described(agent.strategy)
        self.model: str | None = agent.config.model
        given = agent._given_id  # noqa: SLF001 - only the agent knows whether its id is a number of this process
        self.agents = {} if given else {agent.agent_id: type(agent).__name__}

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process it is made anew: connections, locks and memories stay where they are."""
        if self._made_by is None:
            raise TypeError(
                f"The agent {self.agent.agent_id} cannot be sent to another process: evaluate its class, or a function "
                "without arguments that makes it."
            )
        return _made_anew, (self._made_by,)

    def refuse_turns(self) -> str | None:
        return None

    def refuse_inputs(self, names: frozenset[str]) -> str | None:  # noqa: ARG002 - its signature judges each value
        return None

    def opened(self) -> AbstractAsyncContextManager[object]:
        return self.agent

    def place_in_thread(self, trial: asyncio.Task[Any]) -> str | None:  # noqa: ARG002 - a run is on the loop
        return None

    async def ask(self, inputs: Mapping[str, Any], session_id: str | None, bare: str) -> Mapping[str, Any]:  # noqa: ARG002 - a run's outputs have names
        return (await self.agent.run_async(session_id, **inputs)).outputs


def _made_anew(made_by: Callable[[], BaseAgent]) -> AgentTask:
    return AgentTask(made_by(), made_by=made_by)


def _described(strategy: Strategy) -> str:
    """`ToolLoopStrategy(max_steps=5)`, where it says its settings."""
    name = type(strategy).__name__
    if type(strategy).__repr__ is not object.__repr__:
        return repr(strategy)
    settings = {key: value for key, value in getattr(strategy, "__dict__", {}).items() if not key.startswith("_")}
    plain = {key: value for key, value in settings.items() if isinstance(value, str | int | float | bool | None)}
    return f"{name}({', '.join(f'{key}={value!r}' for key, value in plain.items())})"
