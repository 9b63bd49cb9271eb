"""When a failed attempt is tried again, and after how long: pure decisions."""

from __future__ import annotations

from random import Random

from kaizen_eval.config import RetryPolicy
from kaizen_eval.errors import ProviderError, TransientError

__all__ = ["drawn_wait", "may_retry", "wait_before"]


def may_retry(error: ProviderError) -> bool:
    """Whether another attempt could help. The provider's own word (`x-should-retry`) goes before the table."""
    if error.should_retry is not None:
        return error.should_retry
    return isinstance(error, TransientError)


def wait_before(policy: RetryPolicy, failed: int, error: ProviderError, random: Random) -> float | None:
    """Seconds to wait after the `failed`-th attempt, None when there must not be another.

    `Retry-After` is taken as it is, however long; otherwise the wait lies in [0, min(cap, base * 2 ** (failed - 1))].
    """
    if failed >= policy.attempts or not may_retry(error):
        return None
    if error.retry_after is not None:
        return error.retry_after
    return drawn_wait(policy, failed, random)


def drawn_wait(policy: RetryPolicy, failed: int, random: Random) -> float:
    """Seconds to wait after the `failed`-th attempt where nobody said how long."""
    ceiling = _ceiling(policy, failed)
    return ceiling if policy.jitter == "none" else random.uniform(0, ceiling)


def _ceiling(policy: RetryPolicy, failed: int) -> float:
    doublings = min(failed - 1, 1000)  # 2.0 ** 1024 overflows
    return min(policy.cap, policy.base * 2.0**doublings)
