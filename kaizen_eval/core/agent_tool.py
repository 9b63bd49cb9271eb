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

__all__ = ["CalledAgent", "tool_name"]

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where a word begins within a class's name."""


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


def tool_name(class_name: str) -> str:
    """Of ResearchAgent it is research_agent."""
    return _WORD.sub("_", class_name).lower()
