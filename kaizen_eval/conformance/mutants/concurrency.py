"""Broken on purpose: runs at the same time, and the same run again."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = ()
