"""Broken on purpose: budgets."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kaizen_eval.budgets import Budget, budgets_of
from kaizen_eval.budgets.limits import LIMITS
from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.tools import TakesArgumentsAsTheyAre
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import BudgetExceeded
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.provider import Provider
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy

__all__ = [
    "MUTANTS",
    "BeginsAnew",
    "CountsAnswersAlone",
    "CountsByTheWallClock",
    "CountsCompletionsAlone",
    "CountsWhatWasAnswered",
    "TellsNobody",
]


class _Counting:
    """A provider that keeps the budget itself, each session by itself."""

    name = "counting"

    def __init__(self, provider: Provider, limits: Mapping[str, Any]) -> None:
        self._provider = provider
        self._limits = limits
        self._spent: dict[str | None, float] = {}

    async def complete(self, request: ChatRequest) -> ChatReply:
        (limit,) = self._limits
        if self._spent.get(request.session_id, 0) >= self._limits[limit]:
            raise BudgetExceeded("There is nothing left to spend.", limit=limit, spent=None)
        started = time.monotonic()
        reply = await self._provider.complete(request)
        used = self.used(reply, time.monotonic() - started)
        self._spent[request.session_id] = self._spent.get(request.session_id, 0) + used
        return reply

    def used(self, reply: ChatReply, seconds: float) -> float:
        raise NotImplementedError

    async def aclose(self) -> None:
        await self._provider.aclose()


class CountsWhatWasAnswered(_Counting):
    def used(self, reply: ChatReply, seconds: float) -> float:  # noqa: ARG002 - calls are counted
        return 1


class CountsAnswersAlone(_Counting):
    def used(self, reply: ChatReply, seconds: float) -> float:  # noqa: ARG002 - tokens are counted
        return reply.usage.total if reply.text else 0


class CountsCompletionsAlone(_Counting):
    def used(self, reply: ChatReply, seconds: float) -> float:  # noqa: ARG002 - tokens are counted
        return reply.usage.completion


class CountsByTheWallClock(_Counting):
    def used(self, reply: ChatReply, seconds: float) -> float:  # noqa: ARG002 - time is counted
        return seconds


class TellsNobody(AsyncSingleShotStrategy):
    """Gives an empty answer rather than an error."""

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().execute(signature, inputs, config)
        except BudgetExceeded:
            return {}


class BeginsAnew(AsyncSingleShotStrategy):
    """Resets the budget that stops it."""

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().execute(signature, inputs, config)
        except BudgetExceeded:
            for budget in budgets_of(config.budget):
                budget.reset()
            return await super().execute(signature, inputs, config)


def _given(config: AgentConfig) -> dict[str, Any]:
    """The arguments of the config's one budget."""
    (budget,) = budgets_of(config.budget)
    limits = {name: getattr(budget.limits, name) for name in LIMITS}
    return {name: limit for name, limit in limits.items() if limit is not None} | {"per": budget.per}


def _with_provider(kind: type[_Counting]) -> Callable[..., BaseAgent]:
    def factory(config: AgentConfig, **parts: Any) -> BaseAgent:
        if not config.budget or config.provider is None:
            return BaseAgent(config, **parts)
        limits = {name: limit for name, limit in _given(config).items() if name != "per"}
        return BaseAgent(replace(config, budget=(), provider=kind(config.provider, limits)), **parts)

    return factory


def _with_budget(changed: Callable[[dict[str, Any]], Mapping[str, Any]]) -> Callable[..., BaseAgent]:
    def factory(config: AgentConfig, **parts: Any) -> BaseAgent:
        if not config.budget:
            return BaseAgent(config, **parts)
        return BaseAgent(replace(config, budget=Budget(**changed(_given(config)))), **parts)

    return factory


def _without_cost(given: dict[str, Any]) -> dict[str, Any]:
    return {"max_calls": 1000, "per": given["per"]} if "max_cost" in given else given


def _mutant(name: str, factory: Callable[..., BaseAgent], what: str, breaks: str, *words: str) -> Mutant:
    subject = Subject(name=name, factory=factory, traits=REFERENCE.traits)
    return Mutant(subject=subject, what=what, breaks=f"budget.{breaks}", words=words)


MUTANTS: tuple[Mutant, ...] = (
    _mutant(
        "counts-calls-afterwards",
        _with_provider(CountsWhatWasAnswered),
        "Counts a call when its answer has come, so that calls at the same time are none too many.",
        "calls",
        "calls were begun in",
        "max_calls=",
    ),
    _mutant(
        "budget-per-run",
        _with_budget(lambda given: given | {"per": "run"}),
        "Counts each run by itself, whatever the budget says.",
        "calls",
        "calls were begun in",
        "max_calls=",
    ),
    _mutant(
        "resets-its-budget",
        Subject.of(BeginsAnew).factory,
        "Resets the budget that stops it, and goes on.",
        "calls",
        "calls were begun in",
        "max_calls=",
    ),
    _mutant(
        "forgets-failed-attempts",
        _with_provider(CountsAnswersAlone),
        "Counts no tokens of replies that hold no answer.",
        "tokens",
        "was begun when",
        "tokens; max_tokens=",
    ),
    _mutant(
        "counts-completions-alone",
        _with_provider(CountsCompletionsAlone),
        "Counts the tokens of completions, and not those of prompts.",
        "tokens",
        "was begun when",
        "tokens; max_tokens=",
    ),
    _mutant(
        "ignores-cost",
        _with_budget(_without_cost),
        "Limits calls where the budget limits the cost.",
        "cost",
        "was begun when",
        "USD; max_cost=",
    ),
    _mutant(
        "budget-by-wall-clock",
        _with_provider(CountsByTheWallClock),
        "Counts seconds by the machine's clock instead of the run's own.",
        "seconds",
        "was begun when",
        "max_seconds=",
    ),
    _mutant(
        "tools-without-budget",
        Subject.of(TakesArgumentsAsTheyAre).factory,
        "Executes tools without looking at the budget.",
        "tool-calls",
        "tools were executed in the run",
        "max_tool_calls=",
    ),
    _mutant(
        "budget-per-instance",
        _with_budget(lambda given: given | {"per": "process"}),
        "Counts all that the agent does together, whatever the budget says.",
        "scope",
        "A run was refused when",
    ),
    _mutant(
        "swallows-budget-exceeded",
        Subject.of(TellsNobody).factory,
        "Gives an empty answer when the budget is used up.",
        "told",
        "instead of BudgetExceeded",
    ),
)
