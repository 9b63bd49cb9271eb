"""What a cassette file holds: a header, then exchanges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from kaizen_eval.recording.exchange import Exchange

__all__ = ["SCHEMA", "Header", "Recording", "Totals"]

SCHEMA = 1
"""The version of the file's layout; a reader refuses every other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What was recorded, added up."""

    exchanges: int
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: Decimal | None = None
    """Exact; None when the price of a model, or what an exchange used, is unknown."""
    unpriced: tuple[str, ...] = ()
    """Models that no price is known of; sorted."""
    unmetered: int = 0
    """Exchanges that may have been billed and do not tell the tokens, such as streams that were cut."""
    price_table: str = ""
    """Where prices came from, with its version; empty where none was needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands at the head of a cassette."""

    recorded_at: datetime
    """In UTC, to the second."""
    totals: Totals
    parts: tuple[tuple[str, str], ...] = ()
    """The versions of what recorded it: ("kaizen-eval", "0.1.0"), ("openai", "3.54.0") …"""
    models: tuple[str, ...] = ()
    """Those that were asked; sorted."""


class Recording(NamedTuple):
    header: Header
    exchanges: tuple[Exchange, ...]
    """By lane and slot."""
