"""RefineStrategy: draft, critique, revise, until the critic is content or the rounds are used up."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kaizen_eval.checks import text_or_none, whole
from kaizen_eval.config import AgentConfig
from kaizen_eval.llm import prompt
from kaizen_eval.messages import Message
from kaizen_eval.run_context import RunContext
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.call import ask, request_of, run_for
from kaizen_eval.strategies.traits import Traits

__all__ = ["Critique", "RefineStrategy"]


class Critique(Signature):
    """Judge whether the draft is a good answer to the task. Be strict, and say exactly what must change."""

    task: str = InputField(description="What was to be done.")
    given: dict[str, Any] = InputField(description="What it was to be done with.")
    draft: dict[str, Any] = InputField(description="The answer to judge.")
    is_good: bool = OutputField(description="Whether the draft can stay as it is.")
    critique: str = OutputField(description="What must change, and how; empty if nothing must.")


class RefineStrategy(Strategy):
    """Preprocess, a draft, rounds of critique and revision, postprocess.

    A round is a call that judges the answer and, unless it is found good, a call that revises it: the model is shown
    its own answer and what is to change. So a run makes at most 1 + 2 * rounds calls. The last answer counts.

    Args:
        rounds: how many, at most.
        critic: the model that judges; the agent's own unless given.
    """

    traits = Traits()

    def __init__(self, *, rounds: int = 1, critic: str | None = None) -> None:
        whole("rounds", rounds, least=1)
        text_or_none("critic", critic)
        self.rounds = rounds
        self.critic = critic

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        config = AgentConfig.from_domain_config(config)
        bound = signature.bind(self.preprocess(inputs))
        async with run_for(signature, bound, config) as run:
            answer = await self.llm_call(signature, bound, config)
            for _ in range(self.rounds):
                critique = await self._judged(signature, bound, answer, config)
                if critique["is_good"]:
                    break
                answer = await self._revised(signature, bound, answer, critique["critique"], config, run)
        return self.postprocess(answer)

    async def _judged(
        self, signature: type[Signature], bound: Mapping[str, Any], answer: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        own = config if self.critic is None else dataclasses.replace(config, model=self.critic)
        shown = {
            "task": signature.instructions,
            "given": signature.inputs_to_json(bound),
            "draft": signature.outputs_to_json(answer),
        }
        return await self.llm_call(Critique, shown, own)

    async def _revised(  # noqa: PLR0913, PLR0917 - all that a revision is made from
        self,
        signature: type[Signature],
        bound: Mapping[str, Any],
        answer: Mapping[str, Any],
        critique: str,
        config: AgentConfig,
        run: RunContext,
    ) -> dict[str, Any]:
        request = request_of(signature, bound, config, run)
        draft = prompt.turn(signature, bound, answer).messages[-1]
        wish = Message("user", f"Revise your answer. What must change:\n{critique}")
        revised = await ask(
            signature, dataclasses.replace(request, messages=(*request.messages, draft, wish)), config, run
        )
        return revised.values or {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(rounds={self.rounds}, critic={self.critic!r})"
