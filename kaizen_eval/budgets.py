"""Budgets: how much a run, a session or all agents together may spend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

__all__ = ["NO_LIMITS", "Budget", "Purse", "Scope", "Spent"]

Scope = Literal["run", "session", "process"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What has been spent within one scope of a budget."""

    cost: Decimal | None = Decimal(0)
    """USD; None when a price was unknown."""
    tokens: int = 0
    calls: int = 0
    tool_calls: int = 0
    seconds: float = 0.0


class Budget:
    """TO DO: the owner of budgets builds this."""


class Purse:
    """What one run may spend: its own budgets, and those of the runs around it."""

    def __init__(self, budgets: Sequence[Budget] = (), *, parent: Purse | None = None) -> None:
        self.budgets = budgets
        self.parent = parent

    def before_attempt(self, *, is_first: bool, price_known: bool) -> None:
        """Refuse an attempt that a budget has no room for; the first of a call counts as the call."""

    def after_attempt(self, *, tokens: int, cost: Decimal | None) -> None:
        """What an attempt that has ended was billed."""

    def before_tool(self) -> None:
        """Refuse a tool call that a budget has no room for."""


NO_LIMITS = Purse()
