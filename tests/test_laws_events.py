"""The laws of events: who keeps them, and what is caught by them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from law_proofs import survived, unproved, verdict

from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.events import LAWS
from kaizen_eval.conformance.laws.events.secret import _around, _texts_of
from kaizen_eval.conformance.mutants.events import MUTANTS
from kaizen_eval.conformance.playing import API_KEY
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.fake import Authentication
from kaizen_eval.resilience.batch import gather_bounded
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.strategies.traits import Traits

ASK = Ask(inputs={"question": "Why?"})


class Several(Strategy):
    """Asks three at the same time, then one more."""

    async def execute(self, signature, inputs, config):
        seeded = [replace(config, seed=seed) for seed in range(3)]
        await gather_bounded(lambda each: self.llm_call(signature, inputs, each), seeded, limit=3)
        return await self.llm_call(signature, inputs, config)


class Delegating(Strategy):
    """Asks another agent, whose run is within its own."""

    async def execute(self, signature, inputs, config):
        inner = BaseAgent(
            {"model": config.model, "observer": config.observer}, signature=signature, provider=config.provider
        )
        return await inner.run_async(**inputs)


class Strict(BaseAgent):
    """Raises after its run went well."""

    async def run_async(self, /, session_id=None, **inputs):
        await super().run_async(session_id, **inputs)
        raise ValueError("never good enough")


KEEPERS = {
    "several": Subject.of(Several),
    "delegating": Subject.of(Delegating),
    "strict": Subject(name="strict", factory=Strict, traits=Traits()),
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", [REFERENCE, Subject.of(ToolLoopStrategy)], ids=["reference", "loop"])
def test_what_ships_keeps_every_law(law, subject):
    assert verdict(law, subject) == "kept"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("name", KEEPERS)
def test_other_ways_of_asking_keep_every_law(law, name):
    assert verdict(law, KEEPERS[name]) == "kept"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_what_is_broken_is_caught_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_every_law_is_proved():
    assert unproved(LAWS, MUTANTS) == set()


def test_a_complaint_of_a_leak_does_not_leak():
    assert _around(f"the key {API_KEY} of mine") == "'the key [the key] of mine'"


def test_all_that_led_to_an_error_is_looked_at():
    first, second = KeyError("a"), ValueError("b")
    second.__cause__ = first
    first.add_note("c")
    assert [text for place, text in _texts_of(second) if "note" in place] == ["", "c"]


def test_errors_that_lead_to_each_other_have_an_end():
    first, second = KeyError("a"), ValueError("b")
    second.__cause__, first.__cause__ = first, second
    assert len([*_texts_of(second)]) == 6


def test_a_provider_that_quotes_the_key_is_not_repeated():
    """Nor does the situation itself count, which holds the key."""
    (law,) = [law for law in LAWS if law.id == "events.no-secrets"]
    law.judge(Lab(REFERENCE), Situation(signature=Question, asks=(ASK,), script=(Authentication(message=API_KEY),)))


def test_runs_are_told_apart_by_their_order_and_not_by_their_ids():
    mutant = next(mutant for mutant in MUTANTS if mutant.id == "observer-told-twice")
    (law,) = [law for law in LAWS if law.id == mutant.breaks]
    with pytest.raises(Violation, match=r"^Of run 1 2 RunStarted were told, among RunStarted, RunStarted, Attempt"):
        law.judge(Lab(mutant.subject), Situation(signature=Question, asks=(ASK,)))
