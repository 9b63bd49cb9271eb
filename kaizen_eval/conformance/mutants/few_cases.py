"""Broken on purpose: agents whose requests or figures lack something, or hold what they must not, in few cases only."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import Wrapping, of_agent, of_provider, of_strategy
from kaizen_eval.conformance.mutants.metrics import Retold
from kaizen_eval.conformance.mutants.signature.prompts import OwnPrompt
from kaizen_eval.conformance.playing import API_KEY
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import RunError
from kaizen_eval.messages import ChatReply, ChatRequest, Message
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.call import ask, request_of, run_for
from kaizen_eval.strategies.traits import Traits

__all__ = ["MUTANTS"]

_LONG = 1000
"""Characters."""


class _WithoutHistoryWhenLong(Strategy):
    """Makes room for long inputs."""

    traits = Traits(calls_per_run=1)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        async with run_for(signature, inputs, config) as run:
            request = request_of(signature, signature.bind(inputs), config, run)
            if sum(len(str(value)) for value in inputs.values()) > _LONG:
                own = [each for each in request.messages if each.role == "system"], request.messages[-1:]
                request = dataclasses.replace(request, messages=(*own[0], *own[1]))
            return (await ask(signature, request, config, run)).values or {}


class _Cuts(AsyncSingleShotStrategy):
    def preprocess(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Nobody reads more, and nobody is told."""
        return {name: value[:_LONG] if isinstance(value, str) else value for name, value in inputs.items()}


class _WithoutDefaultAtTheEnd(OwnPrompt):
    """What need not be said is not said: the last field, where it has its default."""

    def is_shown(self, name: str, value: object) -> bool:
        return (name, value) != self.unsaid

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        *_, last = [("", None), *((name, field.default) for name, field in signature.input_fields.items())]
        self.unsaid: tuple[str, Any] = last
        return await super().execute(signature, inputs, config)


class _MistakesTheSession(BaseAgent):
    """After a failure it goes on in the session of whoever came before."""

    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(config, **parts)
        self._before: str | None = None
        self._has_failed = False

    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        session = self._before if self._has_failed and self._before is not None else session_id
        self._has_failed = False
        try:
            return await super().run_async(session, **inputs)
        except RunError:
            self._has_failed = True
            raise
        finally:
            self._before = session_id


class _FallsBack(AsyncSingleShotStrategy):
    traits = Traits(recovers=True)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().execute(signature, inputs, config)
        except RunError:
            return await super().execute(signature, inputs, dataclasses.replace(config, model="spare"))


class _BillsTheFirstModel(Retold):
    """All tokens at the price of the model in its config, whichever was asked."""

    strategy = _FallsBack()

    def retold(self, result: RunResult) -> RunResult:
        price, usage = self.config.prices.get("lab-1"), result.metrics.usage
        if price is not None:
            cached = price.input if price.cached is None else price.cached
            fresh = price.input * (usage.prompt - usage.cached)
            result["_cost"] = float((fresh + cached * usage.cached + price.output * usage.completion) / 1_000_000)
        return result


class _KeyInThePrompt(Wrapping):
    async def complete(self, request: ChatRequest) -> ChatReply:
        """As if a message were a header."""
        header = Message("system", f"Authorization: Bearer {API_KEY}")
        return await super().complete(dataclasses.replace(request, messages=(header, *request.messages)))


MUTANTS: tuple[Mutant, ...] = (
    of_strategy(
        "drops-history-of-long-inputs",
        _WithoutHistoryWhenLong,
        "Leaves the session's turns out where its inputs are long.",
        breaks="memory.turns",
        words=("lacks", "found: nothing"),
    ),
    of_strategy(
        "cuts-long-inputs",
        _Cuts,
        "Cuts what is long, without a word.",
        breaks="signature.inputs-reach-the-prompt",
        words=("The model is asked the same whether", "that end does not reach the prompt"),
    ),
    of_strategy(
        "drops-the-last-default",
        _WithoutDefaultAtTheEnd,
        "Leaves out the last input where it has its default, also where that is given.",
        breaks="signature.defaults",
        words=("whether its default is", "does not reach the prompt"),
    ),
    of_agent(
        "mistakes-the-session-after-failure",
        _MistakesTheSession,
        "Goes on in another session after a run that failed.",
        breaks="memory.failed-turns",
        words=("The first request of ask", "found:"),
    ),
    Mutant(
        subject=Subject(name="bills-the-first-model", factory=_BillsTheFirstModel, traits=_FallsBack.traits),
        what="Falls back to another model, and bills it as the first.",
        breaks="metrics.cost",
        words=("_cost of ask", "USD are the price of"),
    ),
    of_provider(
        "key-in-the-prompt",
        _KeyInThePrompt,
        "Puts the key into a message, as if that were a header.",
        breaks="events.no-secrets",
        words=("The key stands in request",),
    ),
)
