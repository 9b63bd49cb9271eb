"""Checks of single settings, each with an error that says what came and what was expected."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from kaizen_eval.errors import ConfigError
from kaizen_eval.suggestion import suggestion

__all__ = [
    "amount",
    "an_instance",
    "flag",
    "has_method",
    "number",
    "one_of",
    "optional",
    "refuse_unknown",
    "text_or_none",
    "whole",
]


def refuse_unknown(what: str, given: Mapping[Any, Any], known: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            raise ConfigError(
                f"{what} has no setting {name!r}{suggestion(str(name), known)} It takes: {', '.join(known)}."
            )


def number(name: str, value: object, *, least: float | None = None, above: float | None = None) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ConfigError(f"{name} must be a number, not {value!r}.")
    if least is not None and value < least:
        raise ConfigError(f"{name} must be at least {least}, not {value!r}.")
    if above is not None and value <= above:
        raise ConfigError(f"{name} must be more than {above}, not {value!r}.")


def amount(name: str, value: object) -> Decimal:
    """Money, exact."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ConfigError(f"{name} must be a number, not {value!r}.")
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        raise ConfigError(f"{name} must be a number, not {value!r}.") from None
    if not exact.is_finite() or exact < 0:
        raise ConfigError(f"{name} must be a finite number of at least 0, not {value!r}.")
    return exact


def whole(name: str, value: object, *, least: int | None = None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{name} must be a whole number, not {value!r}.")
    if least is not None and value < least:
        raise ConfigError(f"{name} must be at least {least}, not {value!r}.")


def flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ConfigError(f"{name} must be True or False, not {value!r}.")


def optional(check: Callable[..., None], name: str, value: object, **bounds: float) -> None:
    if value is not None:
        check(name, value, **bounds)


def has_method(name: str, value: object, signature: str) -> None:
    an_instance(name, value)
    if value is not None and not callable(getattr(value, signature.partition("(")[0], None)):
        raise ConfigError(f"{name} needs a method {signature}; {value!r} has none.")


def an_instance(name: str, value: object) -> None:
    if isinstance(value, type):
        raise ConfigError(f"{name} takes an instance, such as {value.__name__}(), not the class itself.")


def text_or_none(name: str, value: object) -> None:
    if value is not None and not isinstance(value, str):
        shown = type(value).__name__ if name == "api_key" else repr(value)
        raise ConfigError(f"{name} must be text, not {shown}.")


def one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}.")
