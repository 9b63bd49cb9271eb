"""Broken on purpose: what the limits limit, and what is raised when they pass."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig, RetryPolicy
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import Wrapping, of_agent, of_provider
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.core.result import RunResult
from kaizen_eval.errors import TransientError
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.resilience.clock import now_ns, sleep
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy

__all__ = ["MUTANTS"]

_FOR_EVER = 1e9


class _PerAttempt(BaseAgent):
    """Gives each attempt the time that the whole run has."""

    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(dataclasses.replace(config, timeout=_FOR_EVER, request_timeout=config.timeout), **parts)


class _CountsAttempts(Strategy):
    """Has an eye on how long its attempts take, and forgets its waits."""

    def __init__(self, limit: float) -> None:
        self.limit = limit

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        once = dataclasses.replace(config, retry=RetryPolicy(attempts=1))
        left = self.limit
        for failed in range(1, config.retry.attempts + 1):
            started = now_ns()
            try:
                async with asyncio.timeout(left):
                    return await self.llm_call(signature, inputs, once)
            except TransientError as error:
                if failed == config.retry.attempts:
                    raise
                left -= (now_ns() - started) / 1e9
                await sleep(error.retry_after or config.retry.base * 2.0**failed)
        raise AssertionError("the last attempt returns or raises")


def _counting_attempts(config: AgentConfig, **parts: Any) -> BaseAgent:
    return BaseAgent(dataclasses.replace(config, timeout=_FOR_EVER), strategy=_CountsAttempts(config.timeout), **parts)


class _TimeoutAsResult(BaseAgent):
    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> Any:
        """As in many a tutorial: the error is a part of the dict."""
        try:
            return await super().run_async(session_id, **inputs)
        except TimeoutError as late:
            return {"answer": "", "error": f"Request timeout: {late}"}


class _AgentTookTooLong(Exception):
    """Nobody who writes `except TimeoutError` catches this."""


class _OwnTimeoutError(BaseAgent):
    async def run_async(self, /, session_id: str | None = None, **inputs: Any) -> RunResult:
        try:
            return await super().run_async(session_id, **inputs)
        except TimeoutError as late:
            raise _AgentTookTooLong(str(late)) from late


class _AttemptsLimitForRuns(BaseAgent):
    """Takes request_timeout for the limit of the run."""

    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(dataclasses.replace(config, timeout=min(config.timeout, config.request_timeout)), **parts)


class _NoAttemptLimit(BaseAgent):
    """Leaves request_timeout to the provider, which does not know it."""

    def __init__(self, config: AgentConfig, **parts: Any) -> None:
        super().__init__(dataclasses.replace(config, request_timeout=_FOR_EVER), **parts)


class _AsksOnceMore(Wrapping):
    async def complete(self, request: ChatRequest) -> ChatReply:
        """A request that is cut off is made up for."""
        try:
            return await super().complete(request)
        except asyncio.CancelledError:
            return await super().complete(request)


MUTANTS: tuple[Mutant, ...] = (
    of_agent(
        "deadline-per-attempt",
        _PerAttempt,
        "Its timeout holds for each attempt and not for all of them.",
        breaks="timeout.deadline",
        words=("The run ended after", "timeout="),
    ),
    of_agent(
        "deadline-without-waits",
        _counting_attempts,
        "Its timeout counts attempts, and not the waits between them.",
        breaks="timeout.deadline",
        words=("The run ended after", "timeout="),
    ),
    of_provider(
        "asks-once-more",
        _AsksOnceMore,
        "Makes a request again that the deadline has cut off.",
        breaks="timeout.deadline",
        words=("timeout=",),
    ),
    of_agent(
        "timeout-as-result",
        _TimeoutAsResult,
        "Makes a dict of a TimeoutError.",
        breaks="timeout.error",
        words=("a TimeoutError expected; the run returned", "Request timeout"),
        signature=Question,
    ),
    of_agent(
        "its-own-timeout-error",
        _OwnTimeoutError,
        "Raises an error of its own instead of a TimeoutError.",
        breaks="timeout.error",
        words=("a TimeoutError expected; the run raised _AgentTookTooLong",),
    ),
    of_agent(
        "run-limited-as-an-attempt",
        _AttemptsLimitForRuns,
        "Gives the whole run no more time than one attempt may take.",
        breaks="timeout.in-time",
        words=("All answers together take", "in time for timeout="),
    ),
    of_agent(
        "no-limit-for-attempts",
        _NoAttemptLimit,
        "Waits for an attempt that is never answered until the run is over.",
        breaks="timeout.attempt",
        words=("was waited for", "request_timeout="),
    ),
)
