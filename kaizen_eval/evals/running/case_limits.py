"""Whether a trial has taken more than its case allows."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import TYPE_CHECKING

from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.trial import Failure

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Limits

__all__ = ["beyond", "is_limited"]

_NO_PRICE = "The case limits the cost, and the price of its model is unknown: give prices={…} in the config."


def is_limited(limits: Limits) -> bool:
    """Whether anything is limited that is known while a run goes on."""
    return limits.attempts is not None or limits.tokens is not None or limits.cost is not None


def beyond(
    limits: Limits, *, attempts: int, tokens: int, costs: Collection[Decimal | None]
) -> tuple[Outcome, Failure] | None:
    """How it then ends; None: it may go on. A cost that nobody knows cannot be held against its limit."""
    if limits.attempts is not None and attempts > limits.attempts:
        return _exceeded("attempts", attempts, limits.attempts)
    if limits.tokens is not None and tokens > limits.tokens:
        return _exceeded("tokens", tokens, limits.tokens)
    if limits.cost is None:
        return None
    if None in costs:
        return Outcome.TASK_ERROR, Failure(type="ConfigError", message=_NO_PRICE)
    cost = sum(filter(None, costs), Decimal(0))
    return _exceeded("USD", cost, limits.cost) if cost > limits.cost else None


def _exceeded(what: str, spent: object, limit: object) -> tuple[Outcome, Failure]:
    text = f"The trial took {spent} {what}; its case allows {limit}."
    return Outcome.BUDGET_EXCEEDED, Failure(type="BudgetExceeded", message=text)
