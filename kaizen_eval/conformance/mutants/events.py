"""Broken on purpose: what is told of a run while it goes on."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = ()
