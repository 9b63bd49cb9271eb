"""Broken on purpose: trying again."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.retry import answers, decisions, waiting

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = (*decisions.MUTANTS, *waiting.MUTANTS, *answers.MUTANTS)
