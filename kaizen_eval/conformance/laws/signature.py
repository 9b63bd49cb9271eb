"""Laws of what goes into a run, and what comes out of it."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = ()
