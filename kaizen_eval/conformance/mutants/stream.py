"""Broken on purpose: runs that are read while they go on."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = ()
