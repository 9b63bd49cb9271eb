"""Laws of budgets."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = ()
