"""The header for exchanges: the models, tokens and cost that they add up to, and the versions of what recorded them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from kaizen_eval.messages import Usage
from kaizen_eval.metrics.pricing import cost, table_version
from kaizen_eval.recording.exchange import Exchange
from kaizen_eval.recording.file.consumed import Consumed, consumed
from kaizen_eval.recording.file.content import Header, Totals

__all__ = ["header_for", "installed_parts"]

_PARTS = ("kaizen-eval", "openai", "httpx2")


def header_for(
    exchanges: Sequence[Exchange], *, recorded_at: datetime, parts: Iterable[tuple[str, str]] | None = None
) -> Header:
    """The header of a cassette that holds these exchanges.

    `recorded_at` has a time zone and is kept to the second; `parts` are the versions of what recorded them: those that
    are installed, if none are given.
    """
    found = [one for exchange in exchanges if (one := consumed(exchange)) is not None]
    return Header(
        recorded_at=recorded_at.astimezone(UTC).replace(microsecond=0),
        totals=_totals(found, recorded_at, exchanges=len(exchanges)),
        parts=installed_parts() if parts is None else tuple(parts),
        models=tuple(sorted({one.asked for one in found})),
    )


def _totals(found: Sequence[Consumed], at: datetime, *, exchanges: int) -> Totals:
    costs = [(one.asked, _cost(one, at)) for one in found if one.usage is not None]
    unmetered = sum(1 for one in found if one.usage is None)
    unpriced = {asked for asked, amount in costs if amount is None}
    usage = sum((one.usage for one in found if one.usage is not None), Usage())
    return Totals(
        exchanges=exchanges,
        prompt_tokens=usage.prompt,
        completion_tokens=usage.completion,
        cost_usd=None if unmetered or unpriced else sum((amount for _, amount in costs if amount), Decimal(0)),
        unpriced=tuple(sorted(unpriced)),
        unmetered=unmetered,
        price_table=table_version() if usage.total else "",
    )


def _cost(one: Consumed, at: datetime) -> Decimal | None:
    """By the model that answered, else by the one that was asked: the first may be too new for the table."""
    amount = cost(one.usage, one.answered, {}, at=at.timestamp())
    return amount if amount is not None else cost(one.usage, one.asked, {}, at=at.timestamp())


def installed_parts() -> tuple[tuple[str, str], ...]:
    return tuple((name, found) for name in _PARTS if (found := _version(name)) is not None)


def _version(name: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import, needed by recording alone

    try:
        return version(name)
    except PackageNotFoundError:
        return None
