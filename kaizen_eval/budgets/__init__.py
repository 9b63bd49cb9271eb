"""Budgets: how much a run, a session or all agents of the process together may spend."""

from __future__ import annotations

from kaizen_eval.budgets.budget import Budget, Scope, budgets_of
from kaizen_eval.budgets.purse import NO_LIMITS, Purse
from kaizen_eval.budgets.spent import Spent

__all__ = ["NO_LIMITS", "Budget", "Purse", "Scope", "Spent", "budgets_of"]
