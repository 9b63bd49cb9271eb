"""Broken on purpose: what goes into a run, and what comes out of it."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = ()
