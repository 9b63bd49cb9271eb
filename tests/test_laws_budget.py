"""The laws of budgets: who keeps them, and what is caught by them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from law_proofs import survived, unproved, verdict

from kaizen_eval.budgets import Budget
from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.budget import LAWS
from kaizen_eval.conformance.mutants.budget import MUTANTS
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.errors import BudgetExceeded, ProviderError
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.strategies.traits import Traits

BY_ID = {law.id: law for law in LAWS}


class Twice(Strategy):
    """Asks two at the same time, says of itself how often, and gives the first answer."""

    traits = Traits(calls_per_run=2)

    async def execute(self, signature, inputs, config):
        other = replace(config, seed=1)
        first, _ = await asyncio.gather(
            self.llm_call(signature, inputs, config), self.llm_call(signature, inputs, other)
        )
        return first


class Tolerant(AsyncSingleShotStrategy):
    """Asks once more when a call fails for good, and says nothing of itself."""

    traits = Traits()

    async def execute(self, signature, inputs, config):
        try:
            return await self.llm_call(signature, inputs, config)
        except ProviderError:
            return await self.llm_call(signature, inputs, config)


class Silent(Strategy):
    """Asks nobody."""

    async def execute(self, signature, inputs, config):
        return {"answer": "as ever"}


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", [REFERENCE, Subject.of(ToolLoopStrategy)], ids=["reference", "loop"])
def test_what_ships_keeps_every_law(law, subject):
    assert verdict(law, subject) == "kept"


@pytest.mark.parametrize("law", [law for law in LAWS if law.id != "budget.tool-calls"], ids=lambda law: law.id)
@pytest.mark.parametrize("strategy", [Twice, Tolerant])
def test_whoever_leaves_the_budget_alone_keeps_every_law(law, strategy):
    assert verdict(law, Subject.of(strategy)) == "kept"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_what_is_broken_is_caught_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_every_law_is_proved():
    assert unproved(LAWS, MUTANTS) == set()


def test_who_asks_nobody_need_not_be_refused():
    assert verdict(BY_ID["budget.told"], Subject.of(Silent, signature=Question)) == "kept"


@pytest.mark.parametrize("traits", [Traits(recovers=True), Traits(is_stateless=False)], ids=["recovers", "remembers"])
def test_who_may_have_an_answer_all_the_same_need_not_say_that_it_was_refused(traits):
    subject = replace(REFERENCE, traits=traits)
    assert verdict(BY_ID["budget.told"], subject)[0] == "not applicable"


def test_each_play_begins_with_a_budget_that_is_unspent():
    ask = Ask(inputs={"question": "Why?"})
    lab, once = Lab(REFERENCE), Situation(signature=Question, asks=(ask, ask), config={"budget": {"max_calls": 1}})
    shared = replace(once, config={"budget": {"max_calls": 1, "per": "process"}})
    for _ in range(2):
        assert [type(outcome.error) for outcome in lab.play(shared).outcomes] == [type(None), BudgetExceeded]
    assert [outcome.error for outcome in lab.play(once).outcomes] == [None, None]


def test_a_budget_that_is_an_object_goes_on_counting():
    ask = Ask(inputs={"question": "Why?"})
    budget = Budget(max_calls=1, per="process")
    lab, situation = Lab(REFERENCE), Situation(signature=Question, asks=(ask,), config={"budget": budget})
    assert [type(lab.play(situation).outcomes[0].error) for _ in range(2)] == [type(None), BudgetExceeded]
