"""Broken on purpose: tools."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = ()
