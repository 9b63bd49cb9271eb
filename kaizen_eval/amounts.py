"""How counts, shares, money and times are written, wherever people are told them."""

from __future__ import annotations

from decimal import Decimal

__all__ = ["duration", "interval", "many", "milliseconds", "money", "percent"]


def many(count: int, one: str, several: str | None = None) -> str:
    """A number with its noun: "1 call", "3 calls"."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def interval(low: float, high: float) -> str:
    """Of a share, with 95 % confidence."""
    return f"95 %: {100 * low:.1f} to {100 * high:.1f}"


def money(amount: Decimal) -> str:
    """US dollars, small amounts with two digits that say something."""
    digits = 2 if amount == 0 or amount >= 1 else max(2, 1 - amount.adjusted())
    return f"${amount:,.{digits}f}"


def milliseconds(ms: float) -> str:
    """As seconds from one second on."""
    return f"{ms:.3g} ms" if ms < 1_000 else duration(ms / 1_000)


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3_600} h {whole % 3_600 // 60} min"
