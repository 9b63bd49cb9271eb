"""Laws of runs at the same time, and the same run again."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = ()
