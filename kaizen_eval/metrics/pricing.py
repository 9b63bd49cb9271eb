"""What tokens cost: prices from the config, else from the genai-prices table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from kaizen_eval.config import Price
from kaizen_eval.messages import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

__all__ = ["cost", "table_version"]

_NOTHING = Usage()
_MILLION = Decimal(1_000_000)
_MINUTE = 60
"""Some prices hold for a part of each day, from one whole minute to another."""


def cost(usage: Usage | None, model: str | None, prices: Mapping[str, Price], *, at: float) -> Decimal | None:
    """USD for one attempt, exact: 0 when nothing was billed, None when the model has no known price.

    Args:
        usage: what was billed; None means nothing.
        model: as the request or the provider named it.
        prices: the config's own, which go first.
        at: seconds since 1970: prices change over time.
    """
    if usage is None or usage == _NOTHING:
        return Decimal(0)
    if model is None:
        return None
    minute = int(at) // _MINUTE
    price = prices.get(model) or _flat_price(model, minute)
    return _by_table(usage, model, minute) if price is None else _by_price(usage, price)


@lru_cache(maxsize=1)
def table_version() -> str:
    """The built-in table's name and version, for the record."""
    from importlib.metadata import version  # noqa: PLC0415 - slow to import, rarely asked

    return f"genai-prices {version('genai-prices')}"


def _by_price(usage: Usage, price: Price) -> Decimal:
    cached = price.input if price.cached is None else price.cached
    fresh = usage.prompt - usage.cached
    return (fresh * price.input + usage.cached * cached + usage.completion * price.output) / _MILLION


@lru_cache(maxsize=1024)
def _flat_price(model: str, minute: int) -> Price | None:
    """The table's price when it is one figure per token; None when it is unknown or has tiers."""
    found = _look_up(Usage(prompt=1), model, minute)
    if found is None:
        return None
    rates = vars(found.model_price)
    flat = {name: rates.get(name) for name in ("input_mtok", "output_mtok", "cache_read_mtok")}
    if rates.get("requests_kcount") or not isinstance(flat["input_mtok"], Decimal):
        return None
    if any(not isinstance(rate, Decimal | None) for rate in flat.values()) or flat["output_mtok"] is None:
        return None
    return Price(flat["input_mtok"], flat["output_mtok"], flat["cache_read_mtok"])


@lru_cache(maxsize=4096)
def _by_table(usage: Usage, model: str, minute: int) -> Decimal | None:
    found = _look_up(usage, model, minute)
    return None if found is None else found.total_price


def _look_up(usage: Usage, model: str, minute: int) -> PriceCalculation | None:
    import genai_prices  # noqa: PLC0415 - a large table, loaded when a price is first needed

    tokens = genai_prices.Usage(
        input_tokens=usage.prompt, cache_read_tokens=usage.cached, output_tokens=usage.completion
    )
    moment = datetime.fromtimestamp(minute * _MINUTE, tz=UTC)
    try:
        return genai_prices.calc_price(tokens, model, genai_request_timestamp=moment)
    except LookupError:
        return None
