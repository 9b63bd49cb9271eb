"""Laws of budgets that are kept: nothing is begun that they have no room for."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.budget.spenders import COST, SECONDS, SOURCE, TOKENS, one_at_a_time, spenders
from kaizen_eval.conformance.laws.budget.spending import Figure, Scope, cost_of, scopes, spent_before, tokens_of
from kaizen_eval.conformance.laws.tools.asked import calls_no_tools, dialogues
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import require

__all__ = ["LAWS"]


def _calls(subject: Subject) -> SearchStrategy[Situation]:
    return spenders(subject, st.integers(0, 3).map(lambda most: {"max_calls": most}), failing=False)


@law(
    "budget.calls",
    "No more calls are begun than the budget allows, however many runs go on at once.",
    source=f"{SOURCE}: Limits",
    situations=_calls,
)
def _calls_law(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    most = situation.config["budget"]["max_calls"]
    for scope in scopes(seen):
        numbers = {exchange.number for exchange in scope.exchanges}
        begun = sum(call[0].number in numbers for call in seen.calls)
        require(begun <= most, f"{begun} calls were begun in {scope.name}; max_calls={most}.", seen)


@law(
    "budget.tokens",
    "No attempt is begun once max_tokens are spent, those of failed attempts included.",
    source=f"{SOURCE}: Limits",
    situations=lambda subject: spenders(subject, TOKENS),
)
def _tokens_law(lab: Lab, situation: Situation) -> None:
    _never_begun(lab.play(situation), "max_tokens", tokens_of, "tokens")


@law(
    "budget.cost",
    "No attempt is begun once max_cost is spent, by the prices of the agent's config.",
    source=f"{SOURCE}: Limits",
    situations=lambda subject: spenders(subject, COST),
)
def _cost_law(lab: Lab, situation: Situation) -> None:
    _never_begun(lab.play(situation), "max_cost", cost_of, "USD")


def _never_begun(seen: Observation, limit: str, figure: Figure, unit: str) -> None:
    most = seen.situation.config["budget"][limit]
    for scope in scopes(seen):
        for exchange in scope.exchanges:
            spent = spent_before(scope, exchange, figure)
            require(
                spent < most,
                f"Request {exchange.number} was begun when {scope.name} had spent {spent} {unit}; {limit}={most}.",
                seen,
            )


@law(
    "budget.seconds",
    "No attempt is begun once runs have taken max_seconds by their own clock.",
    source=f"{SOURCE}: Limits",
    situations=lambda subject: spenders(subject, SECONDS).map(one_at_a_time),
)
def _seconds_law(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    most = situation.config["budget"]["max_seconds"]
    for scope in scopes(seen):
        for number, seconds in _begun_after(seen, scope):
            text = f"Request {number} was begun when {scope.name} had taken {seconds:g} s; max_seconds={most}."
            require(seconds < most, text, seen)


def _begun_after(seen: Observation, scope: Scope) -> list[tuple[int, float]]:
    """Each request with the seconds that the scope's runs had taken when it began."""
    found: list[tuple[int, float]] = []
    before = 0
    for outcome in scope.outcomes:
        since = outcome.started_ns - before
        found += [(each.number, round((each.started_ns - since) / 1e9, 6)) for each in seen.exchanges_of(outcome)]
        before += outcome.ended_ns - outcome.started_ns
    return found


@st.composite
def _acting(draw: st.DrawFn, subject: Subject) -> Situation:
    given = st.just((GivenTool(), GivenTool(name="count", seconds=0.5)))
    budget = {"max_tool_calls": draw(st.integers(0, 3))}
    situation = draw(dialogues(subject, given))
    return Situation(
        signature=situation.signature,
        asks=situation.asks,
        script=situation.script,
        tools=situation.tools,
        config={"budget": budget},
    )


@law(
    "budget.tool-calls",
    "No more tools are executed than the budget allows, those of one reply included.",
    source=f"{SOURCE}: Limits",
    situations=_acting,
    objection=calls_no_tools,
)
def _tool_calls_law(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    most, done = situation.config["budget"]["max_tool_calls"], len(seen.executed)
    require(done <= most, f"{done} tools were executed in the run; max_tool_calls={most}.", seen)


LAWS: tuple[Law, ...] = (_calls_law, _tokens_law, _cost_law, _seconds_law, _tool_calls_law)
