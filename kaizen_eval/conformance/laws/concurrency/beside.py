"""Laws of runs before and beside each other: none of them can be told by what others give."""

from __future__ import annotations

from dataclasses import replace

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import law
from kaizen_eval.conformance.laws.concurrency.runs import late, runs
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.record import difference, requests_of, result_of
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.strategies.traits import Traits

__all__ = ["ALONE", "TOGETHER"]


def _needs_no_state(traits: Traits) -> str | None:
    return None if traits.is_stateless else "It says of itself that runs leave something behind in it."


@law(
    "concurrency.together",
    "Runs at the same time make the requests, and give the results, that they would one after the other.",
    source="guide: Batch Execution, Parallel Execution",
    objection=_needs_no_state,
    situations=lambda subject: runs(subject, script=late()),
)
def TOGETHER(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    apart = lab.play(replace(situation, together=False))
    together = lab.play(replace(situation, together=True))
    pairs = zip(apart.outcomes, together.outcomes, strict=True)
    for place, (one, other) in enumerate(pairs, 1):
        _require_same(f"Ask {place}", ("one after the other", one, apart), ("together", other, together))


@law(
    "concurrency.alone",
    "A run makes the requests, and gives the results, that it would as the first of a new agent.",
    source="guide: Execution Signatures, Basic Execution",
    objection=_needs_no_state,
    situations=runs,
)
def ALONE(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    after = lab.play(situation)
    first = lab.play(replace(situation, asks=situation.asks[-1:]))
    count = len(situation.asks)
    told = f"after {count - 1} other run{'s' if count != 2 else ''}"
    _require_same(f"Ask {count}", ("alone", first.outcomes[-1], first), (told, after.outcomes[-1], after))


_How = tuple[str, Outcome, Observation]


def _require_same(who: str, one: _How, other: _How) -> None:
    (how, first, seen), (other_how, second, other_seen) = one, other
    expected, made = requests_of(seen, first), requests_of(other_seen, second)
    if expected != made:
        lost, more = next(iter(expected - made), ""), next(iter(made - expected), "")
        text = f"{who} makes other requests {other_how} than {how}"
        raise Violation(f"{text}{_counts(expected.total(), made.total())}: {_apart(lost, more)}", other_seen)
    results = result_of(first, seen, with_time=False), result_of(second, other_seen, with_time=False)
    if results[0] != results[1]:
        text = f"{who} gives another result {other_how} than {how}, for the same requests"
        raise Violation(f"{text}: {_apart(*results)}", other_seen)


def _counts(expected: int, made: int) -> str:
    return "" if expected == made else f", {made} instead of {expected}"


def _apart(expected: str, found: str) -> str:
    left, right = difference(expected, found)
    return f"expected {left!r}, found {right!r}."
