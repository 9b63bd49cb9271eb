"""Whether a node that failed is tried again, and after how long: pure decisions."""

from __future__ import annotations

from random import Random

from kaizen_eval.config import RetryPolicy
from kaizen_eval.errors import BudgetExceeded, CheckpointFailed, NodeFailed, ProviderError, UsageError
from kaizen_eval.resilience.retry import drawn_wait, may_retry

__all__ = ["wait_before_try"]

_POINTLESS = (BudgetExceeded, CheckpointFailed, UsageError)


def wait_before_try(policy: RetryPolicy | None, failed: int, error: BaseException, random: Random) -> float | None:
    """Seconds to wait after the `failed`-th try, None when there must not be another.

    `Retry-After` of the provider that an agent in it asked is taken as it is.
    """
    if policy is None or failed >= policy.attempts or not _may_help(error):
        return None
    asked_for = getattr(_innermost(error), "retry_after", None)
    return asked_for if isinstance(asked_for, int | float) else drawn_wait(policy, failed, random)


def _may_help(error: BaseException) -> bool:
    error = _innermost(error)
    if isinstance(error, ProviderError):
        return may_retry(error)
    return not isinstance(error, _POINTLESS)


def _innermost(error: BaseException) -> BaseException:
    """Of another execution within the node, what failed there."""
    while isinstance(error, NodeFailed) and error.__cause__ is not None:
        error = error.__cause__
    return error
