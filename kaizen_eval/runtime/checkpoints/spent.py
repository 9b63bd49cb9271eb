"""What several executions of one run took together."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from kaizen_eval.messages import Usage
from kaizen_eval.metrics.meter import Metrics

__all__ = ["together"]


def together(parts: Iterable[Metrics | None]) -> Metrics | None:
    """None where nothing took anything. Milliseconds are added up; the first that was heard is that of the first."""
    known = [part for part in parts if part is not None]
    if not known:
        return None
    costs = [part.cost for part in known]
    return Metrics(
        ms=sum(part.ms for part in known),
        attempts=sum(part.attempts for part in known),
        usage=sum((part.usage for part in known), Usage()),
        cost=None if None in costs else sum(filter(None, costs), Decimal(0)),
        price_table=known[-1].price_table,
        first_token_ms=known[0].first_token_ms,
    )
