"""Broken on purpose: time limits."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.timeout import cancelling, limits

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = (*limits.MUTANTS, *cancelling.MUTANTS)
