"""What was spent when, by the journal, for the laws of budgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.playing import LABORATORY
from kaizen_eval.fake import Exchange

__all__ = ["FIGURES", "Figure", "Scope", "cost_of", "scopes", "spent_before", "tokens_of"]

Figure = Callable[[Exchange], int | Decimal]


@dataclass(frozen=True, slots=True)
class Scope:
    """What one budget counts together."""

    name: str
    """Such as "session 'a'"."""
    outcomes: tuple[Outcome, ...]
    exchanges: tuple[Exchange, ...]
    """In the order asked."""


def scopes(seen: Observation) -> Iterator[Scope]:
    """As the budget of the situation counts."""
    per = seen.situation.config["budget"].get("per", "run")
    found: dict[str, list[Outcome]] = {}
    for place, outcome in enumerate(seen.outcomes, start=1):
        found.setdefault(_scope(per, place, outcome), []).append(outcome)
    for name, outcomes in found.items():
        exchanges = sorted(
            (exchange for outcome in outcomes for exchange in seen.exchanges_of(outcome)), key=lambda each: each.number
        )
        yield Scope(name, tuple(outcomes), tuple(exchanges))


def _scope(per: str, place: int, outcome: Outcome) -> str:
    if per == "process":
        return "the process"
    return f"run {place}" if per == "run" or outcome.ask.session is None else f"session {outcome.ask.session!r}"


def tokens_of(exchange: Exchange) -> int:
    return 0 if exchange.usage is None else exchange.usage.total


_PRICE: Mapping[str, str] = LABORATORY["prices"]["lab-1"]
_MILLION = Decimal(1_000_000)


def cost_of(exchange: Exchange) -> Decimal:
    used = exchange.usage
    if used is None:
        return Decimal(0)
    by_price = ((used.prompt - used.cached, "input"), (used.cached, "cached"), (used.completion, "output"))
    return sum((count * Decimal(_PRICE[kind]) / _MILLION for count, kind in by_price), Decimal(0))


FIGURES: Mapping[str, Figure] = {"max_tokens": tokens_of, "max_cost": cost_of}


def spent_before(scope: Scope, exchange: Exchange, figure: Figure) -> int | Decimal:
    """What had been billed when this exchange began. What took no time, just then, may have ended afterwards."""
    billed = Decimal(0)
    for each in scope.exchanges:
        ended = each.ended_ns
        if each.number < exchange.number and ended is not None and each.started_ns < ended <= exchange.started_ns:
            billed += figure(each)
    return billed
