"""The laws of time limits: who keeps them, and what is caught by them."""

from __future__ import annotations

import asyncio

import pytest
from law_proofs import survived, unproved, verdict
from law_subjects import SUBJECTS, Silent

from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.laws.timeout import LAWS
from kaizen_eval.conformance.mutants.retry.own_loop import OwnLoop
from kaizen_eval.conformance.mutants.timeout import MUTANTS
from kaizen_eval.conformance.situation import Ask, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.fake import BadRequest, Generated, Latency, ServerError
from kaizen_eval.resilience.clock import sleep
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy

BY_ID = {law.id: law for law in LAWS}


def slow(seconds):
    return Generated(latency=Latency(first=seconds))


def situation(*script, timeout=10.0, request_timeout=100.0, cancel_after=None):
    ask = Ask(inputs={"question": "Why?"}, cancel_after=cancel_after)
    config = {"timeout": timeout, "request_timeout": request_timeout, "retry": {"attempts": 3, "base": 0.5, "cap": 8.0}}
    return Situation(signature=Question, asks=(ask,), script=script, config=config)


def complaint(law_id, strategy, played):
    """What the law says of it; None where it holds."""
    try:
        BY_ID[law_id].judge(Lab(Subject.of(strategy)), played)
    except Violation as found:
        return str(found)
    return None


@pytest.mark.unmeasured
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("subject", [*SUBJECTS, Subject.of(OwnLoop)], ids=lambda subject: subject.name)
def test_what_ships_keeps_every_law_of_time(law, subject):
    assert verdict(law, subject) == "kept"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_each_mutant_is_caught_by_its_law_and_for_its_reason(mutant):
    assert survived(mutant, LAWS) == {}


def test_each_law_of_time_catches_something():
    assert unproved(LAWS, MUTANTS) == set()


class Racing(Strategy):
    """Asks twice at once, and takes the answer that comes first; says nothing of itself."""

    async def execute(self, signature, inputs, config):
        racers = [asyncio.create_task(self.llm_call(signature, inputs, config)) for _ in range(2)]
        try:
            done, _ = await asyncio.wait(racers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for racer in racers:
                racer.cancel()
        return done.pop().result()


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
@pytest.mark.parametrize("strategy", [Racing, Silent])
@pytest.mark.parametrize("script", [(slow(8.0), slow(2.0)), (slow(20.0),) * 8, (ServerError(latency=9.5),) * 8])
def test_a_strategy_that_says_nothing_of_itself_is_not_wronged(law, strategy, script):
    limits = {"timeout.in-time": (100.0, 50.0), "timeout.attempt": (1000.0, 30.0)}
    timeout, each = limits.get(law.id, (10.0, 100.0))
    cancel_after = 1.0 if law.id == "timeout.cancels-the-request" else None
    played = situation(*script[:2], timeout=timeout, request_timeout=each, cancel_after=cancel_after)
    assert complaint(law.id, strategy, played) is None


class Dawdling(AsyncSingleShotStrategy):
    """Rests before it asks."""

    async def execute(self, signature, inputs, config):
        await sleep(4)
        return await super().execute(signature, inputs, config)


def test_what_ends_at_the_very_deadline_is_in_time_and_a_millisecond_later_is_not():
    assert complaint("timeout.in-time", AsyncSingleShotStrategy, situation(slow(9.999))) is None
    assert complaint("timeout.in-time", AsyncSingleShotStrategy, situation(slow(10.001))) == (
        "All answers together take 10.001 s, in time for timeout=10, request_timeout=100; "
        "the run raised RunTimeout: The run did not finish within its timeout of 10 s."
    )


def test_time_that_a_strategy_spends_on_itself_is_its_own_fault():
    assert complaint("timeout.in-time", Dawdling, situation(slow(9.0))) == (
        "All answers together take 9 s, in time for timeout=10, request_timeout=100; "
        "the run raised RunTimeout: The run did not finish within its timeout of 10 s."
    )


def test_a_run_that_ends_before_it_is_cancelled_was_not_cancelled():
    played = situation(BadRequest(), cancel_after=1.0)
    assert complaint("timeout.cancels-the-request", AsyncSingleShotStrategy, played) is None


def test_an_answer_at_the_moment_of_the_cancellation_may_be_the_first():
    assert (
        complaint("timeout.cancels-the-request", AsyncSingleShotStrategy, situation(slow(1.0), cancel_after=1.0))
        is None
    )
