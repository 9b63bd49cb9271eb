"""OwnLoop: a strategy that tries again by itself and keeps every law; mutants change a part of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from random import Random
from typing import Any

from kaizen_eval.config import AgentConfig, RetryPolicy
from kaizen_eval.errors import ProviderError
from kaizen_eval.resilience.clock import sleep
from kaizen_eval.resilience.retry import may_retry
from kaizen_eval.run_context import active
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.traits import Traits

__all__ = ["OwnLoop"]


class OwnLoop(Strategy):
    """The runtime's own attempts are switched off."""

    traits = Traits(calls_per_run=1)

    async def execute(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        once = dataclasses.replace(config, retry=RetryPolicy(attempts=1))
        failures: list[ProviderError] = []
        while True:
            try:
                return await self.llm_call(signature, inputs, once)
            except ProviderError as error:
                failures.append(error)
                seconds = self.wait(config, len(failures), error)
                if len(failures) >= self.most(config.retry) or not self.may_retry(error) or not self.has_time(seconds):
                    raise self.cause(failures) from None
            await sleep(seconds)

    def most(self, policy: RetryPolicy) -> int:
        return policy.attempts

    def may_retry(self, error: ProviderError) -> bool:
        return may_retry(error)

    def has_time(self, seconds: float) -> bool:
        """Whether the run's deadline lets it wait so long."""
        run = active()
        return run is None or seconds < run.deadline.remaining()

    def wait(self, config: AgentConfig, failed: int, error: ProviderError) -> float:
        """Seconds."""
        return self.backoff(config, failed) if error.retry_after is None else error.retry_after

    def backoff(self, config: AgentConfig, failed: int) -> float:
        most = self.ceiling(config.retry, failed)
        return most if config.retry.jitter == "none" else self.chance(config, failed).uniform(0, most)

    def ceiling(self, policy: RetryPolicy, failed: int) -> float:
        return min(policy.cap, policy.base * 2.0 ** (failed - 1))

    def chance(self, config: AgentConfig, failed: int) -> Random:
        return Random(f"{config.seed_jitter} {failed}")  # noqa: S311 - jitter is no secret

    def cause(self, failures: list[ProviderError]) -> Exception:
        return failures[-1]
