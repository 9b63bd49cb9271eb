"""Broken on purpose: whether is tried again, and how often."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from kaizen_eval.config import AgentConfig, RetryPolicy
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import of_strategy
from kaizen_eval.conformance.mutants.retry.own_loop import OwnLoop
from kaizen_eval.errors import ProviderError, RateLimited, TransientError
from kaizen_eval.signatures import Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy

__all__ = ["MUTANTS"]


class _NeverRetries(AsyncSingleShotStrategy):
    async def llm_call(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """For what should be fast."""
        return await super().llm_call(signature, inputs, dataclasses.replace(config, retry=RetryPolicy(attempts=1)))


class _GivesUpOn429(OwnLoop):
    def may_retry(self, error: ProviderError) -> bool:
        """A 4xx is the client's fault."""
        return not isinstance(error, RateLimited) and super().may_retry(error)


class _RetriesWhatLasts(OwnLoop):
    def may_retry(self, error: ProviderError) -> bool:  # noqa: ARG002 - that is what is wrong with it
        """Whatever it is, it may work next time."""
        return True


class _IgnoresShouldRetry(OwnLoop):
    def may_retry(self, error: ProviderError) -> bool:
        return isinstance(error, TransientError)


class _OneTooMany(OwnLoop):
    def most(self, policy: RetryPolicy) -> int:
        """Takes attempts for retries."""
        return policy.attempts + 1


class _RetriesAroundRetries(AsyncSingleShotStrategy):
    async def llm_call(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        """Each of these tries again by itself."""
        for _ in range(2):
            try:
                return await super().llm_call(signature, inputs, config)
            except TransientError:
                continue
        return await super().llm_call(signature, inputs, config)


class _AsksAgainOnceMore(AsyncSingleShotStrategy):
    async def llm_call(
        self, signature: type[Signature], inputs: Mapping[str, Any], config: AgentConfig
    ) -> dict[str, Any]:
        again = dataclasses.replace(config, output_retries=config.output_retries + 1)
        return await super().llm_call(signature, inputs, again)


MUTANTS: tuple[Mutant, ...] = (
    of_strategy(
        "never-retries",
        _NeverRetries,
        "Gives up after the first fault, although it may pass.",
        breaks="retry.attempts",
        words=("Gave up after 1 attempt of one call", "which may pass"),
    ),
    of_strategy(
        "gives-up-on-429",
        _GivesUpOn429,
        "Takes a rate limit for a failure that will not pass.",
        breaks="retry.attempts",
        words=("Gave up after", "rate_limit, which may pass"),
    ),
    of_strategy(
        "retries-a-400",
        _RetriesWhatLasts,
        "Tries again whatever went wrong, also what will not pass.",
        breaks="retry.permanent",
        words=("will not pass, and the same was asked again",),
    ),
    of_strategy(
        "ignores-x-should-retry",
        _IgnoresShouldRetry,
        "Goes by the status alone, and not by the provider's own word.",
        breaks="retry.should-retry",
        words=("x-should-retry",),
    ),
    of_strategy(
        "one-attempt-too-many",
        _OneTooMany,
        "Counts retries where the policy counts attempts.",
        breaks="retry.budget",
        words=("attempts of one call", "allowed"),
    ),
    of_strategy(
        "retries-around-retries",
        _RetriesAroundRetries,
        "Tries again around a call that tries again itself: the attempts multiply.",
        breaks="retry.budget",
        words=("attempts of one call", "allowed"),
    ),
    of_strategy(
        "asks-again-once-more",
        _AsksAgainOnceMore,
        "Asks once more than output_retries allows for a reply that fits.",
        breaks="retry.output-retries",
        words=("that do not fit were asked for", "output_retries=0 allows 1"),
    ),
)
