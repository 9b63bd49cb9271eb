"""Meter: what the attempts of one run cost, added up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kaizen_eval.messages import Usage

__all__ = ["Attempt", "Call", "Meter", "Metrics"]

_NOTHING = Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request and what came of it."""

    call: int
    """Which call of the run, from 1."""
    number: int
    """Which attempt of the call, from 1."""
    ms: float
    model: str | None
    usage: Usage | None
    """What was billed; None when the provider did not say."""
    cost: Decimal | None
    """USD; 0 when nothing was billed, None when the price or what was billed is unknown."""
    error: str | None
    """The class name of what was raised; None after a success."""
    first_token_ms: float | None = None
    """From the attempt's start to the first part of a streamed reply that says something; None where none came."""
    estimated: bool = False
    """Whether `usage` is our own count: of a stream that was left, or broke off, before the provider said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question to a model, with its attempts."""

    number: int
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What a run cost."""

    ms: float
    attempts: int
    usage: Usage
    cost: Decimal | None
    """USD, exact; None when the price of an attempt, or what it used, is unknown."""
    price_table: str
    """Where prices came from, with its version."""
    first_token_ms: float | None = None
    """From the run's start to the first part of a streamed reply that says something; None without a stream."""


class Meter:
    """Collects attempts; every one that the provider billed counts, whether it succeeded or not."""

    def __init__(self) -> None:
        self._attempts: list[Attempt] = []
        self.first_token_ms: float | None = None
        """From the run's start; None until something was heard of a stream."""

    def begin_to_hear(self, ms: float) -> None:
        """Note when the first part of a reply came; only the run's first counts."""
        if self.first_token_ms is None:
            self.first_token_ms = ms

    def add(self, attempt: Attempt) -> None:
        self._attempts.append(attempt)

    @property
    def attempts(self) -> int:
        return len(self._attempts)

    def attempts_of(self, call: int) -> int:
        return sum(attempt.call == call for attempt in self._attempts)

    @property
    def usage(self) -> Usage:
        used = [attempt.usage for attempt in self._attempts if attempt.usage is not None]
        return used[0] if len(used) == 1 else sum(used, _NOTHING)

    @property
    def cost(self) -> Decimal | None:
        total = Decimal(0)
        for attempt in self._attempts:
            if attempt.cost is None:
                return None
            total += attempt.cost
        return total

    @property
    def model(self) -> str | None:
        """The model of the last attempt."""
        return self._attempts[-1].model if self._attempts else None

    @property
    def calls(self) -> tuple[Call, ...]:
        by_call: dict[int, list[Attempt]] = {}
        for attempt in self._attempts:
            by_call.setdefault(attempt.call, []).append(attempt)
        return tuple(Call(number=number, attempts=tuple(made)) for number, made in sorted(by_call.items()))
