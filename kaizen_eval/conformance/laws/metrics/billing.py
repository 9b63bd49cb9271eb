"""Billing: situations in which runs cost something, and what their results must therefore say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.own_requests import asked_in
from kaizen_eval.conformance.laws.plain import plain_asks, plain_signature
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.situation import Ask, Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import NotApplicable, Violation
from kaizen_eval.fake import (
    GENERATED,
    BadRequest,
    Empty,
    Exchange,
    Generated,
    HangBeforeHeaders,
    Latency,
    RateLimit,
    Reply,
    ServerError,
)
from kaizen_eval.messages import Usage
from kaizen_eval.signatures import Signature

__all__ = ["billed", "billings", "costs", "figure", "priced", "results"]

_PATIENT: Mapping[str, Any] = {
    "timeout": 600.0,
    "request_timeout": 5.0,
    "output_retries": 6,
    "retry": {"attempts": 6, "base": 0.5, "cap": 2.0},
}
_FREE: tuple[Saying, ...] = (ServerError(), RateLimit(retry_after=1.5), HangBeforeHeaders())
_PRICES = ("0.1", "0.15", "0.3", "0.7", "1.1", "3.3", "0.075", "0.025", "15")


def billings(subject: Subject, *, most: int = 3, prices: bool = True, free: bool = True) -> SearchStrategy[Situation]:
    """Runs with attempts that are billed, whether they succeed or not.

    Args:
        subject: what is asked.
        most: how many asks.
        prices: whether the model has a price.
        free: whether some attempts fail without being billed.
    """
    signature = plain_signature(subject)
    price = st.fixed_dictionaries({"input": _price(), "output": _price()}, optional={"cached": _price()})
    table = st.builds(lambda each: {"lab-1": each}, price) if prices else st.just({})
    return st.builds(
        Situation,
        signature=st.just(signature),
        asks=st.lists(_asks(signature), min_size=1, max_size=most).map(tuple),
        script=st.lists(_sayings(free=free, lasting=subject.traits.recovers), max_size=16).map(tuple),
        config=table.map(lambda chosen: {**_PATIENT, "prices": chosen}),
    )


def results(seen: Observation, key: str) -> Iterator[tuple[str, Outcome, Any]]:
    """Of each ask that succeeded: what it is called, its outcome, and what its result has under this key.

    Raises:
        Violation: one has nothing there.
    """
    for place, outcome in enumerate(seen.outcomes, 1):
        if outcome.result is None:
            continue
        if key not in outcome.result:
            raise Violation(f"The result of ask {place} has no {key!r}.", seen)
        yield f"ask {place}", outcome, outcome.result[key]


def billed(exchanges: Iterable[Exchange]) -> Usage:
    """The journal's sum."""
    return sum((each.usage for each in exchanges if each.usage is not None), Usage())


def costs(exchanges: Iterable[Exchange], prices: Mapping[str, Mapping[str, str]]) -> Decimal:
    """In USD, exactly: each token at its price, those that were read from the cache at their own."""
    return sum((_cost(each.usage, prices[str(each.request.model)]) for each in exchanges if each.usage), Decimal(0))


def priced(lab: Lab, situation: Situation) -> Observation:
    """Played with a price of its own for each model that is asked, also for those that a strategy chooses by itself.

    Raises:
        NotApplicable: what is asked changes with the prices.
    """
    seen = lab.play(situation)
    prices = dict(situation.config["prices"])
    if _models(seen) <= prices.keys():
        return seen
    others = {model: _times(prices["lab-1"], place) for place, model in enumerate(sorted(_models(seen)), 2)}
    seen = lab.play(replace(situation, config={**situation.config, "prices": others | prices}))
    if _models(seen) <= seen.situation.config["prices"].keys():
        return seen
    raise NotApplicable("It asks other models each time, which have no price.")


def figure(seen: Observation, outcome: Outcome) -> str:
    """From what a journal's sum comes."""
    attempts = asked_in(seen, outcome)
    each = ", ".join(str(attempt.usage.total) if attempt.usage else "none" for attempt in attempts)
    return f"{len(attempts)} attempt{'s' if len(attempts) != 1 else ''} ({each} tokens)"


def _times(price: Mapping[str, str], factor: int) -> dict[str, str]:
    return {kind: str(Decimal(each) * factor) for kind, each in price.items()}


def _models(seen: Observation) -> set[str]:
    return {str(each.request.model) for each in seen.exchanges if each.refused is None}


def _cost(usage: Usage, price: Mapping[str, str]) -> Decimal:
    cached = price.get("cached", price["input"])
    fresh = Decimal(price["input"]) * (usage.prompt - usage.cached)
    return (fresh + Decimal(cached) * usage.cached + Decimal(price["output"]) * usage.completion) / 1_000_000


def _price() -> SearchStrategy[str]:
    return st.sampled_from(_PRICES)


def _asks(signature: type[Signature]) -> SearchStrategy[Ask]:
    """A few of them are read as streams: there a reply that does not fit is the end."""
    return st.builds(
        lambda ask, is_read: replace(ask, stream=is_read), plain_asks(signature), st.sampled_from([False, False, True])
    )


def _sayings(*, free: bool, lasting: bool) -> SearchStrategy[Saying]:
    """Most of it fails; where there is somebody who goes on after that, some of it for good."""
    latency = st.sampled_from([0.0, 0.25, 1.0, 1.234567]).map(lambda seconds: Latency(first=seconds))
    replies = st.builds(Generated, latency=latency, usage=_usages())
    useless = st.one_of(st.builds(_useless, _usages()), st.just(Empty()))
    faults = st.one_of(useless, st.sampled_from(_FREE)) if free else useless
    useless = st.one_of(useless, st.just(BadRequest())) if lasting else useless
    return st.one_of(st.just(GENERATED), faults, replies, faults, useless)


def _useless(usage: Usage) -> Saying:
    """A reply that is paid for, and does not fit."""
    return Reply("{}", usage=usage)


def _usages() -> SearchStrategy[Usage]:
    return st.builds(
        lambda prompt, completion, cached, reasoning: Usage(
            prompt, completion, min(cached, prompt), min(reasoning, completion)
        ),
        st.integers(1, 5000),
        st.integers(1, 500),
        st.integers(0, 2000),
        st.integers(0, 100),
    )
