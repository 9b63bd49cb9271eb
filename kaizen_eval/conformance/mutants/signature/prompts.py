"""Broken on purpose: strategies that write their own prompt, and do not show everything."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.laws.signature.entering import Search
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import of_agent, of_strategy
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.messages import Message
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.call import ask, request_of, run_for
from kaizen_eval.strategies.traits import Traits

__all__ = ["MUTANTS", "OwnPrompt"]


class OwnPrompt(Strategy):
    """Shows some of the inputs, in its own words."""

    traits = Traits(calls_per_run=1)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        async with run_for(signature, inputs, config) as run:
            request = request_of(signature, inputs, config, run)
            values = signature.inputs_to_json(inputs)
            lines = [f"The {name} is {value}." for name, value in values.items() if self.is_shown(name, value)]
            messages = (*request.messages[:-1], Message("user", "\n".join(lines)))
            answer = await ask(signature, dataclasses.replace(request, messages=messages), config, run)
        return answer.values or {}

    def is_shown(self, name: str, value: object) -> bool:
        raise NotImplementedError


class _AsGiven(OwnPrompt):
    def __init__(self) -> None:
        self.given: set[str] = set()

    def is_shown(self, name: str, value: object) -> bool:  # noqa: ARG002 - whatever its value is
        return name in self.given


class _DropsDefaults(BaseAgent):
    """Shows the model what its caller has given, and nothing else."""

    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        self._shown = _AsGiven()
        super().__init__(config, strategy=self._shown, **parts)

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        self._shown.given = set(inputs)
        return await super().run_async(session_id, **inputs)


class _DropsAnInput(OwnPrompt):
    def is_shown(self, name: str, value: object) -> bool:  # noqa: ARG002 - whatever its name is
        """Texts alone: what is no text was forgotten."""
        return isinstance(value, str)


MUTANTS: tuple[Mutant, ...] = (
    of_agent(
        "drops-defaults",
        _DropsDefaults,
        "Does not show the model inputs that were left out, although they have a default.",
        breaks="signature.defaults",
        words=("left out, the model is not shown what it is shown with the default given",),
    ),
    of_strategy(
        "drops-an-input",
        _DropsAnInput,
        "Writes a prompt of its own, and forgets inputs that are no texts.",
        breaks="signature.inputs-reach-the-prompt",
        words=("The model is asked the same whether", "does not reach the prompt"),
        signature=Search,
    ),
)
