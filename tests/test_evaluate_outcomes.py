"""What becomes of a trial: each kind of end is kept apart from the others."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from decimal import Decimal

import pytest
from evaluating import case, failures, outcomes

from kaizen_eval import BaseAgent, Budget, FakeLLM, Price, virtual_time
from kaizen_eval.bridge import CLEANUP_SECONDS
from kaizen_eval.errors import Deadlock
from kaizen_eval.evals import Case, CaseTurn, Limits, Score, evaluate

PRICES = {"fake": Price(input=1, output=1)}


def answering(llm: FakeLLM, **config) -> BaseAgent:
    return BaseAgent({"prices": PRICES, **config}, provider=llm)


async def sleeps(q):
    await asyncio.sleep(q)
    return {"answer": q}


class Judge:
    name = "judge"

    def __init__(self, score) -> None:
        self._score = score

    async def score(self, case, answer, /):
        given = self._score(answer)
        return await given if asyncio.iscoroutine(given) else given


def test_a_good_answer_passes_and_another_fails():
    async def task(q):
        return {"answer": "a"}

    assert outcomes(evaluate([case("a", "a"), case("b", "b")], task)) == {"a#1": "passed", "b#1": "failed"}


@pytest.mark.parametrize(
    ("raised", "failure"),
    [
        (ValueError("no"), ("ValueError", "no")),
        (SystemExit(3), ("SystemExit", "3")),
        (GeneratorExit(), ("GeneratorExit", "")),
        (asyncio.CancelledError(), ("CancelledError", "The task cancelled itself.")),
        (TimeoutError("its own"), ("TimeoutError", "its own")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_task_raises_is_its_error_and_ends_nothing_else(raised, failure):
    async def task(q):
        if q == "bad":
            raise raised
        return {"answer": q}

    evaluation = evaluate([case("bad", "?"), case("good", "good")], task, concurrency=1)
    assert (outcomes(evaluation), failures(evaluation)) == ({"bad#1": "task_error", "good#1": "passed"}, [failure])


def test_a_failure_shows_the_users_own_lines_alone():
    async def deep():
        raise ValueError("no")

    async def task(q):
        await deep()

    (record,) = evaluate([case()], task).records()
    lines = [line.strip() for line in record.failure.traceback.splitlines() if not line.strip().startswith("File")]
    assert lines == ["await deep()", 'raise ValueError("no")']


def test_notes_of_an_error_are_kept():
    async def task(q):
        error = ValueError("no")
        error.add_note("Because of this.")
        raise error

    assert failures(evaluate([case()], task)) == [("ValueError", "no\nBecause of this.")]


def test_a_trial_that_takes_too_long_is_cut_off_and_says_where():
    with virtual_time() as clock:
        evaluation = evaluate([case(100, id="long"), case(1, id="short")], sleeps, timeout=5)
        assert clock.elapsed == 5
    ((kind, message),) = failures(evaluation)
    line = sleeps.__code__.co_firstlineno + 1
    said = f"The trial did not finish within its timeout of 5 s: it waits at {__file__}:{line}."
    assert (outcomes(evaluation), kind, message) == ({"long#1": "timeout", "short#1": "passed"}, "TimeoutError", said)


def test_a_case_may_have_less_time_than_the_others():
    with virtual_time() as clock:
        limited = case(100, limits=Limits(seconds=2))
        assert outcomes(evaluate([limited], sleeps, timeout=5)) == {"100#1": "timeout"}
        assert clock.elapsed == 2


def test_each_turn_has_the_time_of_a_call():
    async def task(q, session_id):
        return await sleeps(q)

    turns = [CaseTurn(inputs={"q": 3}), CaseTurn(inputs={"q": 3}), CaseTurn(inputs={"q": 9})]
    with virtual_time() as clock:
        evaluation = evaluate([Case(id="a", turns=turns)], task, call_timeout=4)
        assert (outcomes(evaluation), clock.elapsed) == ({"a#1": "timeout"}, 10)
    (record,) = evaluation.records()
    assert [turn.outputs for turn in record.answer.turns] == [{"answer": 3}, {"answer": 3}, {}]


def test_the_runs_own_timeout_is_a_timeout_as_well():
    agent = answering(FakeLLM(latency=60).otherwise("hi"), timeout=30)
    with virtual_time():
        evaluation = evaluate([case()], agent)
    assert (outcomes(evaluation), failures(evaluation)[0][0]) == ({"a#1": "timeout"}, "RunTimeout")


def test_an_agent_that_is_cut_off_says_what_it_waits_for_and_what_it_had_been_told():
    llm = FakeLLM(latency=25)
    llm.fail("rate_limit", retry_after=3).times(1)
    llm.otherwise("hi")
    with virtual_time():
        evaluation = evaluate([case()], answering(llm), timeout=40)
    (record,) = evaluation.records()
    said = (
        "The trial did not finish within its timeout of 40 s: it waits for an answer of the model (call 1, attempt 2), "
        "as BaseAgent."
    )
    assert failures(evaluation) == [("TimeoutError", said)]
    seen = [(each.attempt, each.at, each.ms, each.error, each.waited_ms) for each in record.answer.attempts]
    assert seen == [(1, 0, 25_000, "RateLimited", 3000), (2, 28_000, 12_000, "CancelledError", None)]


def test_after_an_agent_has_answered_it_is_no_longer_waited_for():
    agent = answering(FakeLLM().otherwise("hi"))

    async def task(q):
        await agent.run_async(q=q)
        await asyncio.sleep(100)

    with virtual_time():
        ((_, message),) = failures(evaluate([case()], task, timeout=5))
    assert message.endswith(f"it waits at {__file__}:{task.__code__.co_firstlineno + 2}.")


def test_a_task_that_goes_on_after_its_cancellation_is_left_behind():
    async def stubborn(q):
        while True:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(1000)

    with virtual_time() as clock:
        evaluation = evaluate([case("a"), case("b")], stubborn, timeout=5, concurrency=1)
        assert (outcomes(evaluation), evaluation.ended.seconds) == ({"a#1": "timeout", "b#1": "timeout"}, 20)
        assert clock.elapsed == 20 + CLEANUP_SECONDS
    left = "It did not end in the 5 s after it was cancelled, and was left behind."
    assert [message.endswith(left) for _, message in failures(evaluation)] == [True, True]


def test_a_task_that_answers_its_cancellation_was_late_all_the_same():
    async def polite(q):
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            return {"answer": q}

    with virtual_time():
        assert outcomes(evaluate([case("a", "a")], polite, timeout=5)) == {"a#1": "timeout"}


def test_tasks_that_are_left_running_hold_nothing_up():
    left = []

    async def task(q):
        left.append(asyncio.ensure_future(asyncio.sleep(10**9)))
        return {"answer": q}

    with virtual_time():
        assert outcomes(evaluate([case("a", "a")], task)) == {"a#1": "passed"}
    assert left[0].cancelled()


def test_the_time_of_a_plain_function_passes_as_well():
    ends = threading.Event()

    def stuck(q):
        ends.wait(20)

    try:
        evaluation = evaluate([case()], stuck, timeout=0.05)
    finally:
        ends.set()
    line = stuck.__code__.co_firstlineno + 1
    said = f"The trial did not finish within its timeout of 0.05 s: it runs in its thread, at {__file__}:{line}."
    assert failures(evaluation) == [("TimeoutError", said)]


def test_on_virtual_time_what_nothing_can_wake_is_a_deadlock_that_names_the_trial():
    async def waits(q):
        await asyncio.Event().wait()

    with virtual_time() as clock:
        with pytest.raises(Deadlock, match=r"trial a#1: UnderWay._run waits at .*test_evaluate_outcomes"):
            evaluate([case()], waits)
        assert clock.elapsed == 0  # and nobody who only watches keeps it going


def test_a_budget_of_the_agent_that_is_used_up_is_told_apart():
    agent = answering(FakeLLM().otherwise("hi"), budget=Budget(max_tokens=1, per="process"))
    evaluation = evaluate([case("a"), case("b")], agent, concurrency=1)
    assert outcomes(evaluation) == {"a#1": "passed", "b#1": "budget_exceeded"}


LIMITS = {
    "attempts": (Limits(attempts=2), "The trial took 3 attempts; its case allows 2."),
    "tokens": (Limits(tokens=1), "The trial took 9 tokens; its case allows 1."),
    "cost": (Limits(cost=Decimal("0.000001")), "The trial took 0.000009 USD; its case allows 0.000001."),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_more_than_a_case_allows_is_cut_off(limit):
    limits, said = LIMITS[limit]
    llm = FakeLLM(latency=1)
    if limit == "attempts":
        llm.fail("server_error").times(5)
    llm.otherwise("hi")
    with virtual_time():
        evaluation = evaluate([case(limits=limits)], answering(llm, retry={"attempts": 6}))
    assert (outcomes(evaluation), failures(evaluation)) == ({"a#1": "budget_exceeded"}, [("BudgetExceeded", said)])


def test_what_a_case_allows_is_held_in_threads_too():
    llm = FakeLLM(latency=1)
    llm.fail("server_error").times(5)
    agent = answering(llm, retry={"attempts": 6})
    with virtual_time():
        evaluation = evaluate([case(limits=Limits(attempts=2))], lambda q: agent.run(q=q))
    assert outcomes(evaluation) == {"a#1": "budget_exceeded"}


def test_a_limit_of_cost_needs_a_price():
    evaluation = evaluate([case(limits=Limits(cost=Decimal(1)))], BaseAgent(provider=FakeLLM().otherwise("hi")))
    said = "The case limits the cost, and the price of its model is unknown: give prices={…} in the config."
    assert (outcomes(evaluation), failures(evaluation)) == ({"a#1": "task_error"}, [("ConfigError", said)])


async def hangs(_):
    await asyncio.sleep(10**6)


def exits(_):
    raise SystemExit(1)


@pytest.mark.parametrize(
    ("judge", "said"),
    [
        (lambda answer: 1 / 0, "ZeroDivisionError: division by zero"),
        (exits, "SystemExit: 1"),
        (hangs, "TimeoutError: The scorers did not finish within the timeout of 5 s"),
    ],
    ids=["raises", "exits", "hangs"],
)
def test_a_scorer_that_crashes_or_hangs_is_no_bad_answer(judge, said):
    async def task(q):
        return {"answer": q}

    with virtual_time():
        evaluation = evaluate([case("a", "a")], task, scorers=[Judge(judge)], timeout=5)
    (record,) = evaluation.records()
    assert (record.outcome, record.answer.outputs, record.score) == ("scorer_error", {"answer": "a"}, None)
    assert record.scores[0].error.startswith(said)


def test_a_scorer_sees_all_of_the_answer():
    def judge(answer):
        asked = [message["content"] for message in answer.attempts[0].messages]
        return Score(0.5, f"{answer['response']} {asked[-1]} {answer.usage.completion}", passed=True)

    evaluation = evaluate([case()], answering(FakeLLM().otherwise("hi")), scorers=[Judge(judge)])
    (record,) = evaluation.records()
    assert (record.outcome, record.score, record.scores[0].reason) == ("passed", 0.5, "hi q: a 1")
