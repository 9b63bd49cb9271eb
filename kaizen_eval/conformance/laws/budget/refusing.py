"""Laws of what a budget refuses: who is refused, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.budget.spenders import COST, SOURCE, TOKENS, one_at_a_time, spenders
from kaizen_eval.conformance.laws.budget.spending import FIGURES, Scope, scopes
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import Violation, require
from kaizen_eval.errors import BudgetExceeded
from kaizen_eval.strategies.traits import Traits

__all__ = ["LAWS"]

_CALLS = st.integers(0, 3).map(lambda most: {"max_calls": most})


def _limited(subject: Subject) -> SearchStrategy[Situation]:
    return _CALLS.flatmap(lambda calls: spenders(subject, st.just(calls))) | spenders(subject, TOKENS | COST)


@law(
    "budget.scope",
    "A run is refused only when what its own budget counts is used up: another session's spending is not its own.",
    source=f"{SOURCE}: Scopes",
    situations=_limited,
)
def _scope_law(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    limit, most = _limit(situation)
    for scope in scopes(seen):
        for outcome in scope.outcomes:
            spent = _at_most(scope, limit, outcome)
            require(
                spent >= most or not isinstance(outcome.error, BudgetExceeded),
                f"A run was refused when {scope.name} had spent {spent} of {limit}={most}: {outcome.error}",
                seen,
            )


def _may_go_on(traits: Traits) -> str | None:
    if traits.recovers:
        return "It may succeed although a call was refused (traits.recovers)."
    return None if traits.is_stateless else "It may know an answer from before (traits.is_stateless)."


@law(
    "budget.told",
    "A run that finds its budget used up raises BudgetExceeded, which names the limit, and returns nothing.",
    source=f"{SOURCE}: When a budget is used up",
    situations=lambda subject: _limited(subject).map(one_at_a_time),
    objection=_may_go_on,
)
def _told_law(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    limit, most = _limit(situation)
    for scope in scopes(seen):
        for place, outcome in enumerate(scope.outcomes):
            spent = _before(seen, scope.outcomes[:place], limit)
            if spent >= most and not _is_refusal(outcome, limit) and _asks(lab, situation, outcome):
                text = f"{scope.name} had spent {spent} of {limit}={most}; the next run {_became(outcome)}."
                raise Violation(text[0].upper() + text[1:], seen)


def _limit(situation: Situation) -> tuple[str, int | Decimal]:
    ((limit, most),) = ((name, value) for name, value in situation.config["budget"].items() if name != "per")
    return limit, most


def _at_most(scope: Scope, limit: str, outcome: Outcome) -> int | Decimal:
    """What can have been spent at the end of this run; no call has fewer than one attempt."""
    if limit == "max_calls":
        return sum(each.started_ns <= outcome.ended_ns for each in scope.exchanges)
    figure = FIGURES[limit]
    ended = (each for each in scope.exchanges if each.ended_ns is not None and each.ended_ns <= outcome.ended_ns)
    return sum((figure(each) for each in ended), Decimal(0))


def _before(seen: Observation, outcomes: Sequence[Outcome], limit: str) -> int | Decimal:
    """What these runs have spent, at least."""
    if limit == "max_calls":
        return sum(len(seen.calls_of(outcome)) for outcome in outcomes)
    billed = (FIGURES[limit](each) for outcome in outcomes for each in seen.exchanges_of(outcome))
    return sum(billed, Decimal(0))


def _is_refusal(outcome: Outcome, limit: str) -> bool:
    return isinstance(outcome.error, BudgetExceeded) and outcome.error.limit == limit


def _asks(lab: Lab, situation: Situation, outcome: Outcome) -> bool:
    """Whether such a run asks anybody, where it may."""
    return bool(lab.play_with(situation, asks=(outcome.ask,), config={}).exchanges)


def _became(outcome: Outcome) -> str:
    if outcome.error is None:
        return "returned a result instead of raising BudgetExceeded"
    return f"raised {type(outcome.error).__name__} instead of BudgetExceeded: {outcome.error}"


LAWS: tuple[Law, ...] = (_scope_law, _told_law)
