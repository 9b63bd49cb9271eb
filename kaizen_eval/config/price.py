"""Price: what a model costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kaizen_eval.checks import amount, refuse_unknown
from kaizen_eval.errors import ConfigError

__all__ = ["Price", "price_list"]


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in USD per million tokens."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    """For prompt tokens read from the provider's cache; the input price when None."""

    def __post_init__(self) -> None:
        for name in ("input", "output", "cached"):
            value = getattr(self, name)
            if value is None and name == "cached":
                continue
            object.__setattr__(self, name, amount(f"price {name}", value))


def price_list(value: object) -> dict[str, Price]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"prices maps model names to Price(input, output), not {value!r}.")
    return {name: _price_of(name, price) for name, price in value.items()}


def _price_of(model: object, value: object) -> Price:
    if isinstance(value, Price):
        return value
    if isinstance(value, Mapping):
        refuse_unknown("Price", value, ["input", "output", "cached"])
        if {"input", "output"} <= set(value):
            return Price(**value)
    raise ConfigError(f"the price of {model!r} must be Price(input, output) in USD per million tokens, not {value!r}.")
