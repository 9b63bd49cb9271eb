"""Broken on purpose: what goes into a run, and what comes out of it."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.signature import agents, meanings, prompts, readers

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = (*agents.MUTANTS, *prompts.MUTANTS, *readers.MUTANTS, *meanings.MUTANTS)
