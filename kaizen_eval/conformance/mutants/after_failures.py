"""Broken on purpose: strategies that are wrong after a failure alone, or only the second time."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from kaizen_eval.config import AgentConfig, RetryPolicy
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import of_strategy
from kaizen_eval.conformance.mutants.retry.own_loop import OwnLoop
from kaizen_eval.errors import AttemptTimeout, ProviderError, RunError
from kaizen_eval.messages import Message
from kaizen_eval.resilience.clock import sleep
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.call import ask, request_of, run_for
from kaizen_eval.strategies.traits import Traits

__all__ = ["MUTANTS"]


class _RetriesTimeoutsAlone(OwnLoop):
    def may_retry(self, error: ProviderError) -> bool:
        return isinstance(error, AttemptTimeout)


class _JittersRetryAfter(OwnLoop):
    def wait(self, config: AgentConfig, failed: int, error: ProviderError) -> float:
        """Jitter is good for everything."""
        seconds = super().wait(config, failed, error)
        return seconds if error.retry_after is None else seconds * self.chance(config, failed).uniform(0.9, 1)


class _CountsOverRuns(OwnLoop):
    """What its runs before had to try again is taken from what the next one may."""

    def __init__(self) -> None:
        self.failed = self.before = 0

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        self.before = self.failed
        return await super().execute(signature, inputs, config)

    def may_retry(self, error: ProviderError) -> bool:
        self.failed += 1
        return super().may_retry(error)

    def most(self, policy: RetryPolicy) -> int:
        return max(1, policy.attempts - self.before)


class _StaleAfterFailure(AsyncSingleShotStrategy):
    """The last good answer is better than none."""

    def __init__(self) -> None:
        self.last: dict[str, Any] | None = None

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            self.last = await super().execute(signature, inputs, config)
        except RunError:
            if self.last is None:
                raise
        return dict(self.last)


class _Polishes(Strategy):
    """Asks for a second answer, and keeps the first whatever becomes of that."""

    traits = Traits(calls_per_run=2)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        first = await self.llm_call(signature, inputs, config)
        try:
            return await self.llm_call(signature, inputs, dataclasses.replace(config, temperature=1.0))
        except BaseException:  # noqa: BLE001 - that is what is wrong with it
            return first


class _ReportsFailures(AsyncSingleShotStrategy):
    """Tells somebody of a failure, in a task that nobody waits for."""

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().execute(signature, inputs, config)
        except RunError:
            self.reporting = asyncio.create_task(sleep(5), name="report")
            raise


class _MarksSecondTries(AsyncSingleShotStrategy):
    """Asks once more after what is no answer, under an id, so that no cache answers."""

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        try:
            return await super().execute(signature, inputs, config)
        except ProviderError:
            return await self._asked(signature, inputs, config)

    async def _asked(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        async with run_for(signature, inputs, config) as run:
            request = request_of(signature, signature.bind(inputs), config, run)
            mark = Message("system", f"Second try {uuid4()}.")
            again = dataclasses.replace(request, messages=(mark, *request.messages))
            return (await ask(signature, again, config, run)).values or {}


class _CachesAnswers(AsyncSingleShotStrategy):
    """By what is asked, whoever asks it, and whatever was said before."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        key = signature.__name__ + json.dumps(signature.inputs_to_json(signature.bind(inputs)))
        if key not in self.answers:
            self.answers[key] = await super().execute(signature, inputs, config)
        return dict(self.answers[key])


MUTANTS: tuple[Mutant, ...] = (
    of_strategy(
        "retries-timeouts-alone",
        _RetriesTimeoutsAlone,
        "Tries again after a timeout, and after nothing else that may pass.",
        breaks="retry.attempts",
        words=("Gave up after", "which may pass"),
    ),
    of_strategy(
        "jitters-retry-after",
        _JittersRetryAfter,
        "Keeps to Retry-After, less some jitter.",
        breaks="retry.retry-after",
        words=("Waited", "Retry-After asked for"),
    ),
    of_strategy(
        "counts-retries-over-runs",
        _CountsOverRuns,
        "Has fewer attempts in a later run, for those of runs before it.",
        breaks="retry.attempts",
        words=("Gave up after", "which may pass"),
    ),
    of_strategy(
        "stale-answer-after-failure",
        _StaleAfterFailure,
        "Returns the answer of an earlier run where it gets none.",
        breaks="signature.unusable-replies",
        words=("The model's replies were all no answer", "the run returned"),
    ),
    of_strategy(
        "swallows-cancellation-in-second-call",
        _Polishes,
        "Returns its first answer when its second call is cancelled.",
        breaks="timeout.cancels-the-request",
        words=("the run was to raise CancelledError; it returned",),
    ),
    of_strategy(
        "leaks-a-task-after-failure",
        _ReportsFailures,
        "Leaves a task behind where a run fails.",
        breaks="timeout.leaves-nothing",
        words=("Tasks that are still there: report",),
    ),
    of_strategy(
        "marks-second-tries",
        _MarksSecondTries,
        "Writes an id that is made up into what it asks after a failure.",
        breaks="concurrency.same-bytes",
        words=("differs the second time",),
    ),
    of_strategy(
        "caches-across-sessions",
        _CachesAnswers,
        "Answers a question as it has answered it in another session.",
        breaks="concurrency.alone",
        words=("makes other requests after",),
    ),
)
