"""An agent as a tool of another: its runs are part of the run that calls it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from kaizen_eval import run_context
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import HandOffCycle, UsageError
from kaizen_eval.memory.base import Memory
from kaizen_eval.run_context import RunContext
from kaizen_eval.signatures import Signature

__all__ = ["CalledAgent", "refuse_endless", "tool_name"]

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins within a class's name."""
_MOST_NESTED = 10
"""Runs of one agent, each inside of the one before."""


@dataclass(frozen=True, slots=True, eq=False)
class CalledAgent:
    """What a tool of another agent calls."""

    agent_id: str
    owner: object
    """`AgentConfig.owner` of the agent."""
    signature: type[Signature]
    memory: Memory
    run: Callable[..., Awaitable[RunResult]]
    """Its `run_async`."""

    def as_function(self) -> Callable[..., Awaitable[Any]]:
        """What the tool executes, by the name that it has where names clash."""

        async def answer(**arguments: Any) -> Any:
            return await self.answer(**arguments)

        answer.__module__, answer.__qualname__ = self.agent_id, "as_tool()"
        return answer

    async def answer(self, /, **arguments: Any) -> Any:
        """The outputs of a run for these inputs, as JSON; of free text, the text.

        Raises:
            HandOffCycle: this agent waits for what it would do.
        """
        caller = run_context.active()
        around = tuple(run_context.ancestors(caller))
        self._refuse_cycle(around)
        self._refuse_shared_memory(around)
        result = await self.run(None if caller is None else caller.session_id, **arguments)
        outputs = self.signature.outputs_to_json(result.outputs)
        return outputs["response"] if self.signature.free_text else outputs

    def _refuse_cycle(self, around: tuple[RunContext, ...]) -> None:
        if all(run.owner is not self.owner for run in around):
            return
        path = (*(run.agent_id for run in reversed(around)), self.agent_id)
        raise HandOffCycle(
            f"The agents hand a question round in a circle: {' → '.join(path)}. An agent cannot be a tool of itself, "
            "nor of an agent that it calls: leave it out of that agent's tools.",
            path=path,
        )

    def _refuse_shared_memory(self, around: tuple[RunContext, ...]) -> None:
        for run in around:
            if run.held is not None and run.held[0] is self.memory:
                raise UsageError(
                    f"{self.agent_id} is a tool of {run.agent_id} and shares its memory: it would wait for ever for "
                    f"session {run.held[1]!r}, which {run.agent_id} holds. Give each of the two a memory of its own."
                )


def refuse_endless(owner: object, agent_id: str) -> None:
    """Stop an agent that a function among its tools, or a strategy, asks again and again inside its own run.

    Raises:
        HandOffCycle: it would begin one run more inside its own runs than any good purpose takes.
    """
    outer = run_context.active()
    if outer is None:
        return
    around = tuple(run_context.ancestors(outer))
    inside = [number for number, run in enumerate(around) if run.owner is owner]
    if len(inside) < _MOST_NESTED:
        return
    path = (*(run.agent_id for run in reversed(around)), agent_id)
    raise HandOffCycle(
        f"The agents hand a question round in a circle: {' → '.join(path[-inside[0] - 2 :])}. {agent_id} would begin "
        f"inside of {_MOST_NESTED} runs of its own, each inside of the one before: a function among the tools, or a "
        "strategy, asks it again.",
        path=path,
    )


def tool_name(class_name: str) -> str:
    """Of ResearchAgent it is research_agent."""
    return _WORD.sub("_", class_name).lower()
