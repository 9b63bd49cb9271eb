"""Everything that is broken on purpose, in the order of the laws that must catch it; then what rarely shows."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants import (
    after_failures,
    budget,
    concurrency,
    events,
    few_cases,
    memory,
    metrics,
    retry,
    signature,
    stream,
    timeout,
    tools,
)

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = (
    *signature.MUTANTS,
    *retry.MUTANTS,
    *timeout.MUTANTS,
    *memory.MUTANTS,
    *metrics.MUTANTS,
    *concurrency.MUTANTS,
    *tools.MUTANTS,
    *budget.MUTANTS,
    *stream.MUTANTS,
    *events.MUTANTS,
    *after_failures.MUTANTS,
    *few_cases.MUTANTS,
)
