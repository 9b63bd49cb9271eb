"""Every law, in the order in which reports tell of them."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws import (
    budget,
    concurrency,
    events,
    memory,
    metrics,
    retry,
    signature,
    stream,
    timeout,
    tools,
)

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (
    *signature.LAWS,
    *retry.LAWS,
    *timeout.LAWS,
    *memory.LAWS,
    *metrics.LAWS,
    *concurrency.LAWS,
    *tools.LAWS,
    *budget.LAWS,
    *stream.LAWS,
    *events.LAWS,
)
