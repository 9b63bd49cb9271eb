"""Figures: what one situation costs a subject, and what comes of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.playing import LABORATORY
from kaizen_eval.fake import Exchange
from kaizen_eval.metrics.pricing import cost

__all__ = ["FIGURES", "UNKNOWN", "Figures", "figures"]

UNKNOWN = "unknown"
"""The cost, where a model has no price."""
_UNENDED = "no end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one situation, all asks together."""

    attempts: int
    calls: int
    cost: str
    """USD of all that was billed, as an exact decimal; `unknown` where a price is."""
    ends: str
    """How the runs end: how many with a result, and the errors of the others."""
    output: str
    """A digest of the outputs of all runs."""
    seconds: float
    """Virtual time until the last run's end, rounded to 1 µs."""
    tokens: int
    """All that were billed."""


FIGURES = ("attempts", "calls", "cost", "ends", "output", "seconds", "tokens")


def figures(seen: Observation) -> Figures:
    billed = [exchange.usage for exchange in seen.exchanges if exchange.usage is not None]
    ended = max((outcome.ended_ns for outcome in seen.outcomes), default=seen.started_ns)
    return Figures(
        attempts=len(seen.exchanges),
        calls=len(seen.calls),
        cost=_cost(seen.exchanges),
        ends=_ends(seen),
        output=_digest(seen.outcomes),
        seconds=round((ended - seen.started_ns) / 1e9, 6),
        tokens=sum(usage.total for usage in billed),
    )


def _cost(exchanges: tuple[Exchange, ...]) -> str:
    prices = AgentConfig.from_domain_config(dict(LABORATORY)).prices
    costs = [cost(each.usage, each.request.model, prices, at=0.0) for each in exchanges]
    return UNKNOWN if None in costs else f"{sum((each for each in costs if each is not None), Decimal(0)):f}"


def _ends(seen: Observation) -> str:
    """Such as `2 results, RunTimeout`."""
    results = sum(outcome.error is None for outcome in seen.outcomes)
    errors = sorted(type(outcome.error).__name__ for outcome in seen.outcomes if outcome.error is not None)
    open_ended = [_UNENDED] * (len(seen.situation.asks) - len(seen.outcomes))
    told = [f"{results} result{'' if results == 1 else 's'}"] if results else []
    return ", ".join([*told, *errors, *open_ended])


def _digest(outcomes: tuple[Outcome, ...]) -> str:
    outputs = [outcome.outputs for outcome in outcomes]
    text = json.dumps(outputs, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
