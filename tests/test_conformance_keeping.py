"""assert_keeps and judge: what they take, what they say, and what is left to chance."""

import itertools
import logging

import pytest
from hypothesis import strategies as st

from kaizen_eval import BaseAgent, InputField, OutputField, Signature
from kaizen_eval.conformance import Ask, NotApplicable, Situation, Subject, Violation, assert_keeps, judge, law, require
from kaizen_eval.conformance.subject_of import subject_of
from kaizen_eval.errors import ConfigError, UsageError
from kaizen_eval.fake import ServerError
from kaizen_eval.strategies import AsyncSingleShotStrategy, Traits


class Question(Signature):
    """Answer the question."""

    question: str = InputField()
    answer: str = OutputField()


class Asker(BaseAgent):
    signature = Question
    strategy = AsyncSingleShotStrategy()


SITUATION = Situation(signature=Question, asks=(Ask(inputs={"question": "Why?"}),), script=(ServerError(),))
SINGLE = Subject.of(AsyncSingleShotStrategy)


def held(holds, **more):
    @law("house.attempts", "One attempt is enough.", source="RFC 1", situations=lambda _: st.just(SITUATION), **more)
    def judged(lab, situation):
        seen = lab.play(situation)
        require(holds(len(seen.exchanges)), f"{len(seen.exchanges)} attempts.", seen)

    return judged


def factory(config, **parts):
    return BaseAgent(config, **parts)


@pytest.mark.parametrize("given", [AsyncSingleShotStrategy, AsyncSingleShotStrategy(), Asker, factory, SINGLE])
def test_whatever_makes_agents_is_a_subject(given):
    assert_keeps(held(lambda attempts: attempts == 2), given, SITUATION)


def test_a_class_of_agents_brings_its_name_its_signature_and_its_strategys_traits():
    subject = subject_of(Asker)
    assert (subject.name, subject.signature, subject.traits) == ("Asker", Question, AsyncSingleShotStrategy.traits)


@pytest.mark.parametrize("given", [7, "strategy", object, None])
def test_what_makes_no_agents_is_refused(given):
    with pytest.raises(ConfigError, match="Laws judge a Strategy, a class of agents, a function"):
        subject_of(given)


def test_a_violation_tells_law_source_and_every_exchange():
    with pytest.raises(Violation) as raised:
        assert_keeps(held(lambda attempts: attempts == 1), AsyncSingleShotStrategy, SITUATION)
    first, *_, last = str(raised.value).splitlines()
    assert first == "AsyncSingleShotStrategy breaks house.attempts: 2 attempts."
    assert "\n\nOne attempt is enough.\nSource: RFC 1\n\ntime (s)\n" in str(raised.value)
    assert "returns answer=" in last
    assert (len(raised.value.seen.exchanges), raised.value.__suppress_context__) == (2, True)


def test_a_law_that_cannot_apply_never_passes():
    objecting = held(lambda _: True, objection=lambda traits: "it is Monday.")
    with pytest.raises(NotApplicable, match=r"does not apply to AsyncSingleShotStrategy: it is Monday\."):
        assert_keeps(objecting, AsyncSingleShotStrategy, SITUATION)


def test_a_strategy_that_is_exempt_says_why():
    class Exempt(AsyncSingleShotStrategy):
        traits = Traits(exempt={"house.attempts": "it asks a rock."})

    with pytest.raises(NotApplicable, match="it asks a rock"):
        assert_keeps(held(lambda _: True), Exempt, SITUATION)


def test_an_unknown_law_is_refused_with_a_suggestion():
    with pytest.raises(UsageError, match=r"There is no law 'retry.permanant'; did you mean 'retry.permanent'\?"):
        assert_keeps("retry.permanant", AsyncSingleShotStrategy, SITUATION)


def test_what_does_not_hold_in_every_run_of_one_situation_does_not_hold():
    turns = itertools.cycle([False, True])
    found = judge(held(lambda _: next(turns)), SINGLE, examples=20)
    assert (found.verdict, found.situation) == ("violated", SITUATION)
    assert found.reason.startswith("2 attempts. (Not each time")


@pytest.mark.parametrize("shrink", [True, False])
def test_only_who_asks_for_it_waits_for_the_smallest_situation(shrink):
    def situations(_):
        return st.integers(0, 100).map(lambda seed: Situation(signature=Question, asks=SITUATION.asks, seed=seed))

    @law("house.seed", "Seeds are below 10.", source="RFC 1", situations=situations)
    def below(lab, situation):
        require(situation.seed < 10, "Too much.", lab.play(situation))

    found = judge(below, SINGLE, examples=50, shrink=shrink)
    assert (found.verdict, found.situation.seed == 10) == ("violated", shrink)


def test_nothing_is_logged_while_laws_are_tried(caplog):
    with caplog.at_level(logging.DEBUG):
        judge(held(lambda _: True), SINGLE, examples=2)
    assert [record for record in caplog.records if record.name.startswith("kaizen_eval")] == []
    assert logging.getLogger("kaizen_eval").disabled is False
