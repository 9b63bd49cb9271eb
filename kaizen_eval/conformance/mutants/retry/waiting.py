"""Broken on purpose: how long is waited before it is tried again."""

from __future__ import annotations

from kaizen_eval.config import AgentConfig, RetryPolicy
from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.making import Wrapping, of_provider, of_strategy
from kaizen_eval.conformance.mutants.retry.own_loop import OwnLoop
from kaizen_eval.errors import ProviderError
from kaizen_eval.messages import ChatReply, ChatRequest

__all__ = ["MUTANTS"]


class _IgnoresRetryAfter(OwnLoop):
    def wait(self, config: AgentConfig, failed: int, error: ProviderError) -> float:  # noqa: ARG002 - that is what is wrong
        return self.backoff(config, failed)


class _CapsRetryAfter(OwnLoop):
    def wait(self, config: AgentConfig, failed: int, error: ProviderError) -> float:
        """Nobody waits for an hour."""
        return min(super().wait(config, failed, error), config.retry.cap)


class _RetryAfterInWholeSeconds(OwnLoop):
    def wait(self, config: AgentConfig, failed: int, error: ProviderError) -> float:
        seconds = super().wait(config, failed, error)
        return seconds if error.retry_after is None else float(int(seconds))


class _MillisecondsForSeconds(Wrapping):
    async def complete(self, request: ChatRequest) -> ChatReply:
        """Reads `retry-after-ms` by itself, as a number of seconds; only that header has fractions."""
        try:
            return await super().complete(request)
        except ProviderError as error:
            if error.retry_after is not None and error.retry_after % 1:
                error.retry_after *= 1000
            raise


class _WaitsIntoTheDeadline(OwnLoop):
    def has_time(self, seconds: float) -> bool:  # noqa: ARG002 - that is what is wrong
        """The deadline will see to it."""
        return True


class _NoJitter(OwnLoop):
    def backoff(self, config: AgentConfig, failed: int) -> float:
        return self.ceiling(config.retry, failed)


class _DoesNotWait(OwnLoop):
    def backoff(self, config: AgentConfig, failed: int) -> float:  # noqa: ARG002 - that is what is wrong
        return 0.0


class _JitterOnTop(OwnLoop):
    def backoff(self, config: AgentConfig, failed: int) -> float:
        """Adds the jitter to the wait, instead of drawing the wait."""
        most = self.ceiling(config.retry, failed)
        return most + self.chance(config, failed).uniform(0, most)


class _WithoutCap(OwnLoop):
    def ceiling(self, policy: RetryPolicy, failed: int) -> float:
        return policy.base * 2.0 ** (failed - 1)


class _AlwaysJitters(OwnLoop):
    def backoff(self, config: AgentConfig, failed: int) -> float:
        return self.chance(config, failed).uniform(0, self.ceiling(config.retry, failed))


MUTANTS: tuple[Mutant, ...] = (
    of_strategy(
        "ignores-retry-after",
        _IgnoresRetryAfter,
        "Backs off as it likes, whatever the provider asks for.",
        breaks="retry.retry-after",
        words=("Waited", "Retry-After asked for"),
    ),
    of_strategy(
        "caps-retry-after",
        _CapsRetryAfter,
        "Waits no longer than its own cap, although the provider asked for more.",
        breaks="retry.retry-after",
        words=("Waited", "Retry-After asked for"),
    ),
    of_strategy(
        "retry-after-in-whole-seconds",
        _RetryAfterInWholeSeconds,
        "Rounds Retry-After down to seconds, and comes too early.",
        breaks="retry.retry-after",
        words=("Waited", "Retry-After asked for"),
    ),
    of_provider(
        "milliseconds-for-seconds",
        _MillisecondsForSeconds,
        "Takes Retry-After-ms for seconds.",
        breaks="retry.retry-after",
        words=("Retry-After asked for",),
    ),
    of_strategy(
        "waits-into-the-deadline",
        _WaitsIntoTheDeadline,
        "Begins to wait for a Retry-After that the deadline cuts off.",
        breaks="retry.retry-after-too-long",
        words=("cannot be kept within timeout", "the run went on for", "RunTimeout"),
    ),
    of_strategy(
        "no-jitter",
        _NoJitter,
        "Waits exactly as long as everybody else.",
        breaks="retry.jitter",
        words=("Two agents with other seeds of jitter waited the same",),
    ),
    of_strategy(
        "does-not-wait",
        _DoesNotWait,
        "Tries again at once.",
        breaks="retry.jitter",
        words=("waited the same: 0, 0 s",),
    ),
    of_strategy(
        "jitter-on-top",
        _JitterOnTop,
        "Adds jitter to the wait, so that it goes beyond the cap.",
        breaks="retry.waits",
        words=("Waited", "at most", "expected"),
    ),
    of_strategy(
        "no-cap",
        _WithoutCap,
        "Doubles its waits without end.",
        breaks="retry.waits",
        words=("Waited", "at most", "min(cap="),
    ),
    of_strategy(
        "always-jitters",
        _AlwaysJitters,
        'Draws its waits also where the policy says jitter="none".',
        breaks="retry.jitter-none",
        words=("exactly", 'jitter "none"'),
    ),
)
