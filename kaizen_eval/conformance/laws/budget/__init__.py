"""Laws of budgets."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws.budget import kept, refusing

__all__ = ["LAWS"]

LAWS: tuple[Law, ...] = (*kept.LAWS, *refusing.LAWS)
