"""Laws of what a run says that it cost."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.metrics.billing import billed, billings, costs, figure, priced, results
from kaizen_eval.conformance.laws.own_requests import asked_in
from kaizen_eval.conformance.observation import Outcome
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.violation import NotApplicable, require
from kaizen_eval.messages import Usage

__all__ = ["ATTEMPTS", "COST", "LAWS", "SUMS", "TIMING", "TOKENS", "UNKNOWN_PRICE"]

_SOURCE = "guide: Performance Tracking, Built-in Metrics"


@law(
    "metrics.tokens",
    "`_tokens` is the sum over all attempts that were billed, whether they succeeded or not.",
    source=_SOURCE,
    situations=billings,
)
def TOKENS(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = lab.play(situation)
    for told, outcome, tokens in results(seen, "_tokens"):
        expected = _as_tokens(billed(asked_in(seen, outcome)))
        for kind, count in expected.items():
            given = tokens.get(kind) if isinstance(tokens, dict) else tokens
            text = f"_tokens[{kind!r}] of {told} is {given!r}; the journal has {count}, in {figure(seen, outcome)}."
            require(given == count, text, seen)


@law(
    "metrics.attempts",
    "`_attempts` is the number of requests that the run made.",
    source=_SOURCE,
    situations=billings,
)
def ATTEMPTS(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = lab.play(situation)
    for told, outcome, attempts in results(seen, "_attempts"):
        made = len(asked_in(seen, outcome))
        require(attempts == made, f"_attempts of {told} is {attempts!r}; the journal has {made}.", seen)


@law(
    "metrics.cost",
    "`_cost` is the price of each token that was billed, added up exactly; cached ones at their own price.",
    source=_SOURCE,
    situations=lambda subject: billings(subject, free=False),
)
def COST(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = priced(lab, situation)
    for told, outcome, cost in results(seen, "_cost"):
        exact = costs(asked_in(seen, outcome), seen.situation.config["prices"])
        tokens = billed(asked_in(seen, outcome))
        text = (
            f"_cost of {told} is {cost!r}; {exact} USD are the price of {tokens.prompt} prompt tokens, "
            f"{tokens.cached} of them cached, and {tokens.completion} completion tokens."
        )
        require(cost == float(exact), text, seen)


@law(
    "metrics.timing",
    "`_timing` is the time from the run's beginning to its end in milliseconds, waits and all attempts included.",
    source=_SOURCE,
    situations=billings,
)
def TIMING(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = lab.play(situation)
    for told, outcome, timing in results(seen, "_timing"):
        took = round((outcome.ended_ns - outcome.started_ns) / 1e6, 3)
        made = len(asked_in(seen, outcome))
        text = f"_timing of {told} is {timing!r} ms; it took {took!r} ms of virtual time, in {made} attempts."
        require(timing == took, text, seen)


@law(
    "metrics.sums",
    "Tokens and costs of many runs add up to what was billed for them, to the last digit: `.metrics.cost` is exact.",
    source=_SOURCE,
    situations=lambda subject: billings(subject, most=8, free=False),
)
def SUMS(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = priced(lab, situation)
    ended = [outcome for outcome in seen.outcomes if outcome.result is not None]
    metrics = [_metrics(outcome) for outcome in ended]
    exchanges = [each for outcome in ended for each in asked_in(seen, outcome)]
    told = f"of {len(ended)} run{'s' if len(ended) != 1 else ''}"
    tokens = sum((each.usage for each in metrics), Usage())
    text = f"The tokens {told} add up to {tokens}; the journal has {billed(exchanges)}."
    require(tokens == billed(exchanges), text, seen)
    spent = sum((Decimal("NaN") if each.cost is None else each.cost for each in metrics), Decimal(0))
    exact = costs(exchanges, seen.situation.config["prices"])
    require(spent == exact, f"The costs {told} add up to {spent} USD; {exact} USD is their price.", seen)


@law(
    "metrics.unknown-price",
    "What a run cost whose model has no known price is never 0: `_cost` is NaN, and `.metrics.cost` None.",
    source=_SOURCE,
    situations=lambda subject: billings(subject, most=1, prices=False),
)
def UNKNOWN_PRICE(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    seen = lab.play(situation)
    if all(each.request.model != "lab-1" for each in seen.exchanges if each.refused is None):
        raise NotApplicable("It asks models of its own choice, whose prices may be known.")
    for told, outcome, cost in results(seen, "_cost"):
        unpriced = [each for each in asked_in(seen, outcome) if each.usage and each.request.model == "lab-1"]
        is_unknown = isinstance(cost, float) and math.isnan(cost)
        text = f"_cost of {told} is {cost!r}, though the price of its model, 'lab-1', is unknown; expected NaN."
        require(is_unknown or not unpriced, text, seen)
        exact = getattr(getattr(outcome.result, "metrics", None), "cost", None)
        text = f".metrics.cost of {told} is {exact!r}, though the price of 'lab-1' is unknown; expected None."
        require(exact is None or not unpriced, text, seen)


def _as_tokens(usage: Usage) -> dict[str, int]:
    return {
        "prompt": usage.prompt,
        "completion": usage.completion,
        "total": usage.total,
        "cached": usage.cached,
        "reasoning": usage.reasoning,
    }


def _metrics(outcome: Outcome) -> Any:
    metrics = getattr(outcome.result, "metrics", None)
    if metrics is None:
        raise NotApplicable("Its results are no RunResults: they have no .metrics to add up.")
    return metrics


LAWS: tuple[Law, ...] = (TOKENS, ATTEMPTS, COST, TIMING, SUMS, UNKNOWN_PRICE)
