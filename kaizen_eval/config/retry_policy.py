"""RetryPolicy: how often a failed attempt is tried again, and how long to wait in between."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from kaizen_eval.checks import number, one_of, refuse_unknown, whole
from kaizen_eval.errors import ConfigError

__all__ = ["RetryPolicy"]

_Jitter = Literal["full", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """The wait after the n-th failure lies in [0, min(cap, base * 2 ** (n - 1))] seconds with full jitter, and is
    exactly the upper end with jitter "none". A `Retry-After` from the provider goes before both.
    """

    attempts: int = 3
    """Counts the first attempt: 1 means no retry."""
    base: float = 0.5
    cap: float = 8.0
    jitter: _Jitter = "full"

    def __post_init__(self) -> None:
        whole("retry.attempts", self.attempts, least=1)
        number("retry.base", self.base, least=0)
        number("retry.cap", self.cap, least=0)
        one_of("retry.jitter", self.jitter, get_args(_Jitter))

    @classmethod
    def of(cls, value: object) -> RetryPolicy:
        """A policy from itself or from a mapping of its fields."""
        if isinstance(value, cls):
            return value
        if isinstance(value, Mapping):
            refuse_unknown("retry", value, [f.name for f in dataclasses.fields(cls)])
            return cls(**value)
        raise ConfigError(f"retry takes a RetryPolicy or a mapping of its fields, not {value!r}.")
