"""Spent: what has been spent within one scope of a budget."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Spent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What has been spent within one run, session or process, as far as a budget counts it."""

    cost: Decimal | None = Decimal(0)
    """USD, exact; None when the price of an attempt, or what it used, is unknown."""
    tokens: int | None = 0
    """Of prompts and completions; None when a provider did not say what an attempt used."""
    calls: int = 0
    """Begun, whether they were answered or not."""
    tool_calls: int = 0
    """Begun, whether they succeeded or not."""
    seconds: float = 0.0
    """That runs have taken, by their own clock; those that still go on count up to now."""
