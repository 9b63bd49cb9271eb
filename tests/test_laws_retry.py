"""The laws of trying again: who keeps them, and what is caught by them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from law_proofs import survived, unproved, verdict
from law_subjects import SUBJECTS, Silent

from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.reading import calls_of
from kaizen_eval.conformance.laws.retry import LAWS
from kaizen_eval.conformance.laws.trouble import LASTING, PASSING, patient
from kaizen_eval.conformance.mutants.retry import MUTANTS
from kaizen_eval.conformance.mutants.retry.own_loop import OwnLoop
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import REFERENCE, Subject
from kaizen_eval.conformance.violation import NotApplicable, Violation
from kaizen_eval.errors import RunError
from kaizen_eval.fake import GENERATED, BadRequest, Empty, Generated, Latency, RateLimit, ServerError
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy

BY_ID = {law.id: law for law in LAWS}
POLICY = {"attempts": 3, "base": 0.5, "cap": 8.0}


def situation(*script, policy=POLICY, **config):
    return Situation(
        signature=Question, asks=(Ask(inputs={"question": "Why?"}),), script=script, config=patient(policy, **config)
    )


def complaint(law_id, strategy, played):
    """What the law says of it; None where it holds."""
    try:
        BY_ID[law_id].judge(Lab(Subject.of(strategy)), played)
    except (Violation, NotApplicable) as found:
        return f"{type(found).__name__}: {found}"
    return None


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", [*SUBJECTS, Subject.of(OwnLoop)], ids=lambda subject: subject.name)
def test_what_ships_keeps_every_law_of_retries(law, subject):
    objection = law.objection(subject.traits)
    assert verdict(law, subject) == ("kept" if objection is None else ("not applicable", objection))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_each_mutant_is_caught_by_its_law_and_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_each_law_of_retries_catches_something():
    assert unproved(LAWS, MUTANTS) == set()


def test_faults_that_pass_may_be_repeated_and_those_that_last_may_not():
    wrong = [fault for fault in PASSING if not met(fault).may_repeat]
    wrong += [fault for fault in LASTING if met(fault).may_repeat or met(fault).is_answer]
    assert wrong == []


def met(fault):
    """What the fault means, as the laws read it."""
    seen = Lab(REFERENCE).play(situation(fault, policy={"attempts": 1}, output_retries=0))
    return calls_of(seen)[0][-1]


class Sampling(Strategy):
    """Asks for two samples at the same time with one seed, and says nothing of itself."""

    async def execute(self, signature, inputs, config):
        first, _ = await asyncio.gather(*(self.llm_call(signature, inputs, config) for _ in range(2)))
        return first


class TakingTurns(Strategy):
    """Asks two questions, one after the other, and says nothing of itself."""

    async def execute(self, signature, inputs, config):
        await self.llm_call(signature, inputs, replace(config, temperature=1.0))
        return await self.llm_call(signature, inputs, config)


@pytest.mark.parametrize("strategy", [Sampling, TakingTurns, Silent])
@pytest.mark.parametrize(
    "law", [law for law in LAWS if law.id not in {"retry.jitter", "retry.output-retries"}], ids=lambda law: law.id
)
def test_a_strategy_that_says_nothing_of_itself_is_not_wronged(law, strategy):
    slow = Generated(latency=Latency(first=1.0))
    fault = BadRequest(should_retry=True) if law.id == "retry.should-retry" else ServerError(latency=0.5)
    played = situation(
        fault, slow, slow, policy={**POLICY, "jitter": "none" if "none" in law.id else "full"}, output_retries=1
    )
    if law.id == "retry.last-cause":
        played = situation(*[ServerError(latency=0.5)] * 12)
    assert complaint(law.id, strategy, played) is None


class AskingOnceMore(AsyncSingleShotStrategy):
    """Asks again after a failure for good."""

    async def execute(self, signature, inputs, config):
        try:
            return await super().execute(signature, inputs, config)
        except RunError:
            return await super().execute(signature, inputs, config)


def test_asking_the_same_again_after_a_failure_is_one_call_more_than_the_policy_allows():
    played = situation(*[ServerError()] * 9, output_retries=0)
    assert complaint("retry.budget", AskingOnceMore, played) == (
        "Violation: 6 attempts of one call; 3 allowed. They met: 6 times server_error."
    )


def test_a_permanent_failure_that_is_asked_again_is_told_with_both_exchanges():
    assert complaint("retry.permanent", AskingOnceMore, situation(BadRequest())) == (
        "Violation: Exchange 1 (bad_request) will not pass, and the same was asked again: exchange 2 (reply)."
    )


def test_more_answers_than_a_strategy_says_that_it_asks_for_are_too_many():
    class Paired(TakingTurns):
        traits = REFERENCE.traits

    assert complaint("retry.success-once", Paired, situation(GENERATED)) == (
        "Violation: 2 answers were asked for; the strategy says calls_per_run=1."
    )


def test_replies_that_do_not_fit_are_no_successes():
    assert (
        complaint("retry.success-once", AsyncSingleShotStrategy, situation(Empty(), Empty(), output_retries=2)) is None
    )


def test_a_wait_is_judged_by_the_form_that_goes_before():
    both = RateLimit(retry_after=3600, retry_after_ms=1500)
    assert complaint("retry.retry-after", AsyncSingleShotStrategy, situation(both)) is None


def test_without_a_wait_jitter_cannot_be_judged():
    assert complaint("retry.jitter", Silent, situation(ServerError(), ServerError(), seed_jitter=1)) == (
        "NotApplicable: It did not try again, so that there are no waits to compare."
    )
