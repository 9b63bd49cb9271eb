"""The laws of streams: who keeps them, and what is caught by them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from law_proofs import survived, unproved, verdict

from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.stream import LAWS
from kaizen_eval.conformance.laws.stream.words import told_texts
from kaizen_eval.conformance.mutants.stream import MUTANTS
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.fake import Generated, StreamCut
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.strategies.traits import Traits
from kaizen_eval.streamed import Restarted, TextDelta

READ = Ask(inputs={"question": "Why?"}, stream=True)


class Louder(AsyncSingleShotStrategy):
    """Its results are not the model's words."""

    def postprocess(self, result):
        return {name: value.upper() if isinstance(value, str) else value for name, value in result.items()}


class Several(Strategy):
    """Asks three at the same time, and one more afterwards."""

    traits = Traits(calls_per_run=4)

    async def execute(self, signature, inputs, config):
        samples = [self.llm_call(signature, inputs, replace(config, seed=seed)) for seed in range(3)]
        await asyncio.gather(*samples)
        return await self.llm_call(signature, inputs, config)


class Whole:
    """A provider that does not stream."""

    name = "whole"

    def __init__(self, inner):
        self.inner = inner

    async def complete(self, request):
        return await self.inner.complete(request)

    async def aclose(self): ...


def unstreamed(config, **parts):
    return BaseAgent(replace(config, provider=Whole(config.provider)), **parts)


KEEPERS = {
    "louder": Subject.of(Louder, signature=Question),
    "several": Subject.of(Several),
    "whole replies": Subject(name="whole", factory=unstreamed, traits=Traits()),
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", [REFERENCE, Subject.of(ToolLoopStrategy)], ids=["reference", "loop"])
def test_what_ships_keeps_every_law(law, subject):
    assert verdict(law, subject) == "kept"


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("name", KEEPERS)
def test_other_ways_of_asking_keep_every_law(law, name):
    assert verdict(law, KEEPERS[name]) == "kept"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_what_is_broken_is_caught_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_every_law_is_proved():
    assert unproved(LAWS, MUTANTS) == set()


@pytest.mark.parametrize("law_id", ["stream.cut-raises", "stream.told-words-stand"])
def test_who_recovers_from_a_failed_call_may_go_on_after_a_cut(law_id):
    (law,) = [law for law in LAWS if law.id == law_id]
    says = "It may succeed although a call has failed (traits.recovers)."
    assert verdict(law, replace(REFERENCE, traits=Traits(recovers=True))) == ("not applicable", says)


def test_each_stream_knows_its_run_also_where_several_are_read():
    situation = Situation(signature=Question, asks=(READ, READ, READ), together=True)
    seen = Lab(REFERENCE).play(situation)
    assert len({outcome.run_id for outcome in seen.outcomes}) == 3
    for outcome in seen.outcomes:
        assert {item.run_id for item in outcome.items} == {outcome.run_id}


def test_a_cut_before_the_first_words_is_tried_again_and_breaks_nothing():
    situation = Situation(signature=Question, asks=(READ,), script=(StreamCut(after=1), Generated()))
    for law in LAWS[3:5]:
        law.judge(Lab(REFERENCE), situation)
    assert Lab(REFERENCE).play(situation).outcomes[0].error is None


def test_what_is_taken_back_was_not_told():
    where = {"run_id": "r", "agent_id": "a", "session_id": None, "at": 0.0, "call": 1}
    items = [TextDelta(**where, text="No"), Restarted(**where, attempt=1, error="E"), TextDelta(**where, text="Yes")]
    assert told_texts(items) == {1: "Yes"}
