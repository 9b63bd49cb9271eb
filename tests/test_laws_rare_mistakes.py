"""Mistakes that rarely show, as after a failure alone or only with long inputs; and what looks alike and is right."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from law_proofs import survived, verdict

from kaizen_eval import AsyncSingleShotStrategy, FakeLLM, InputField, OutputField, Signature, Strategy, Traits
from kaizen_eval.conformance import LAWS, Ask, Lab, Situation, Subject
from kaizen_eval.conformance.laws.calls import asked_after, grouped
from kaizen_eval.conformance.laws.reading import alike
from kaizen_eval.conformance.mutants import after_failures, few_cases
from kaizen_eval.errors import ProviderError, RunTimeout
from kaizen_eval.fake import ServerError
from kaizen_eval.messages import ChatRequest, Message

BY_ID = {law.id: law for law in LAWS}


class Part(Signature):
    """Summarize the text."""

    text: str = InputField()
    summary: str = OutputField()


class Whole(Signature):
    """Summarize the texts."""

    texts: list[str] = InputField()
    summary: str = OutputField()


class EachByItself(Strategy):
    """Each text by itself, all at once, and then all of them."""

    async def execute(self, signature, inputs, config):
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self.llm_call(Part, {"text": text}, config)) for text in inputs["texts"]]
        return await self.llm_call(signature, {"texts": [each.result()["summary"] for each in asked]}, config)


class OtherModel(Strategy):
    """Goes on with another model, and does not say so in its traits."""

    async def execute(self, signature, inputs, config):
        try:
            return await self.llm_call(signature, inputs, config)
        except RunTimeout:
            raise
        except ProviderError:
            return await self.llm_call(signature, inputs, replace(config, model="spare"))


class Caching(AsyncSingleShotStrategy):
    """Answers what it has answered before, and says so."""

    traits = Traits(is_stateless=False)

    def __init__(self):
        self.answers = {}

    async def execute(self, signature, inputs, config):
        asked = (signature, repr(signature.bind(inputs)))
        if asked not in self.answers:
            self.answers[asked] = await super().execute(signature, inputs, config)
        return dict(self.answers[asked])


@pytest.mark.parametrize("mutant", [*after_failures.MUTANTS, *few_cases.MUTANTS], ids=lambda mutant: mutant.id)
def test_each_mutant_is_caught_by_its_law_and_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


@pytest.mark.parametrize(
    "law_id", ["retry.attempts", "retry.budget", "retry.permanent", "retry.success-once", "retry.jitter-none"]
)
def test_equal_items_that_are_asked_at_once_are_no_repetition(law_id):
    assert verdict(BY_ID[law_id], Subject.of(EachByItself, signature=Whole), examples=20) == "kept"


def test_another_model_may_answer_after_a_stream_was_cut():
    assert verdict(BY_ID["stream.cut-raises"], Subject.of(OtherModel)) == "kept"


def test_a_strategy_that_answers_from_its_cache_is_not_said_to_drop_defaults():
    assert verdict(BY_ID["signature.defaults"], Subject.of(Caching)) == "kept"


def test_attempts_of_equal_questions_are_those_of_their_own_calls():
    asks = (Ask(inputs={"texts": ["a", "a"]}),)
    config = {"retry": {"attempts": 2, "base": 0.5}}
    played = Situation(signature=Whole, asks=asks, script=(ServerError(), ServerError()), config=config, latency=0.25)
    seen = Lab(Subject.of(EachByItself, signature=Whole)).play(played)
    (one, other, last) = grouped(seen)
    assert [len(one), len(other), len(last)] == [2, 2, 1]
    assert {each.number for each in (*one, *other)} == {1, 2, 3, 4}
    pairs = [after for after in asked_after(alike(seen)[0], seen) if len(after) > 1]
    assert {tuple(each.exchange.number for each in pair) for pair in pairs} == {
        tuple(each.number for each in call) for call in (one, other)
    }


def test_the_fake_finds_the_schema_also_where_another_system_message_follows():
    schema = 'Reply so:\n{"type": "object", "properties": {"count": {"const": 3}}, "required": ["count"]}'
    messages = (Message("system", schema), Message("system", "Use the tools."), Message("user", "How many?"))
    reply = asyncio.run(FakeLLM().complete(ChatRequest(model="m", messages=messages)))
    assert reply.text == '{"count": 3}'
