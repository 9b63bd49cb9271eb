"""Broken on purpose: sessions."""

from __future__ import annotations

from kaizen_eval.conformance.mutant import Mutant
from kaizen_eval.conformance.mutants.memory.agents import AGENTS
from kaizen_eval.conformance.mutants.memory.memories import MEMORIES

__all__ = ["MUTANTS"]

MUTANTS: tuple[Mutant, ...] = (*MEMORIES, *AGENTS)
