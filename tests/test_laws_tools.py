"""The laws of tools: who keeps them, and what is caught by them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from law_proofs import survived, unproved, verdict

from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.given_tool import GivenTool, fitting
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.tools import LAWS
from kaizen_eval.conformance.laws.tools.asked import calling, written
from kaizen_eval.conformance.mutants.tools import MUTANTS
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.messages import ToolCall
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.strategies.traits import Traits

BY_ID = {law.id: law for law in LAWS}


class TwoLoops(ToolLoopStrategy):
    """Asks with tools, then looks again without, then with them once more."""

    traits = Traits(calls_per_run=3, calls_tools=True)

    async def execute(self, signature, inputs, config):
        await self.tool_loop(signature, inputs, config)
        await self.llm_call(signature, inputs, config)
        return await self.tool_loop(signature, inputs, config)


KEEPERS = [
    REFERENCE,
    Subject.of(ToolLoopStrategy),
    Subject.of(ToolLoopStrategy(max_steps=1, parallel=1, at_most=1, max_repeats=2)),
    Subject.of(TwoLoops),
]


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", KEEPERS, ids=["reference", "loop", "strict-loop", "two-loops"])
def test_what_ships_keeps_every_law(law, subject):
    assert verdict(law, subject) == "kept"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_what_is_broken_is_caught_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_every_law_is_proved():
    assert unproved(LAWS, MUTANTS) == set()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_a_strategy_without_tools_has_nothing_to_keep(law):
    says = "It does not say that it executes tools (traits.calls_tools)."
    assert verdict(law, Subject.of(AsyncSingleShotStrategy)) == ("not applicable", says)


def test_a_cap_that_no_situation_reaches_is_not_passed_silently():
    patient = Subject.of(ToolLoopStrategy(max_steps=1000))
    says = "It allows 1000 steps; more than 100 are not tried."
    assert verdict(BY_ID["tools.step-cap"], patient) == ("not applicable", says)


def test_calls_of_one_reply_that_share_an_id_are_calls_by_themselves():
    """Of a later reply they would be the same call again."""
    calls = [ToolCall("call-1", "look_up", written(text)) for text in ("b", "a")]
    ask, tools = Ask(inputs={"question": "Why?"}), (GivenTool(idempotent=False),)
    together = Situation(signature=Question, asks=(ask,), script=(calling(*calls),), tools=tools)
    apart = replace(together, script=(calling(calls[0]), calling(calls[0])))
    for situation, times in [(together, 2), (apart, 1)]:
        BY_ID["tools.once"].judge(Lab(REFERENCE), situation)
        assert len(Lab(REFERENCE).play(situation).executed) == times


values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers(), max_size=1)
arguments = st.dictionaries(st.sampled_from(["text", "number", "more"]), values) | values


@given(arguments.map(json.dumps))
def test_which_arguments_fit_is_what_the_tool_itself_says(text):
    tool, given_ = GivenTool().tool(lambda _: None), json.loads(text)
    try:
        found = {"number": 0} | tool.fit(given_) if isinstance(given_, dict) else None
    except ValueError:
        found = None
    assert fitting(text) == found
