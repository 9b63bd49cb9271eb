"""Limits: what a budget allows, and which part of it is used up."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kaizen_eval.budgets.spent import Spent
from kaizen_eval.budgets.tally import Tally
from kaizen_eval.checks import number, optional, whole
from kaizen_eval.errors import ConfigError

__all__ = ["LIMITS", "Limits", "figure_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None is no limit; 0 lets nothing through."""

    max_cost: Decimal | None = None
    """USD."""
    max_tokens: int | None = None
    max_calls: int | None = None
    max_tool_calls: int | None = None
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        for name in ("max_tokens", "max_calls", "max_tool_calls"):
            optional(whole, name, getattr(self, name), least=0)
        optional(number, "max_seconds", self.max_seconds, least=0)
        if all(getattr(self, name) is None for name in LIMITS):
            raise ConfigError(f"A Budget needs at least one limit: {', '.join(LIMITS)}.")

    def used_up(self, spent: Spent | Tally, among: Iterable[str]) -> str | None:
        """The first of these limits that leaves nothing to spend; what is unknown cannot be held to its limit."""
        for name in among:
            limit = getattr(self, name)
            if limit is not None and ((figure := figure_of(name, spent)) is None or figure >= limit):
                return name
        return None

    def __str__(self) -> str:
        given = ((name, getattr(self, name)) for name in LIMITS)
        return ", ".join(f"{name}={limit}" for name, limit in given if limit is not None)


LIMITS = tuple(field.name for field in dataclasses.fields(Limits))


def figure_of(limit: str, spent: Spent | Tally) -> Decimal | float | None:
    """What this limit is held against."""
    figure: Decimal | float | None = getattr(spent, limit.removeprefix("max_"))
    return figure
