"""Times and amounts of money as a cassette file writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

__all__ = ["amount_of", "amount_text", "moment_of", "moment_text"]

_UNKNOWN = "unknown"


def moment_text(moment: datetime) -> str:
    """In UTC, to the second: 2026-11-22T22:54:31Z."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def moment_of(text: str) -> datetime:
    """Raises ValueError where it is none; one without a time zone is in UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def amount_text(amount: Decimal | None) -> str:
    return _UNKNOWN if amount is None else format(amount, "f")


def amount_of(text: str) -> Decimal | None:
    """Raises ValueError where it is none; None stands for an unknown one."""
    if text == _UNKNOWN:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not amount.is_finite() or amount < 0:
        raise ValueError(text)
    return amount
