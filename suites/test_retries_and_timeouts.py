"""Retries and timeouts, as a table: what goes wrong, how often it is tried again, after which waits, and what comes."""

from __future__ import annotations

import pytest
from cases import FaultCase, cases
from example_agents import QAAgent

from kaizen_eval import errors
from kaizen_eval.fake.faults import FAULTS

CASES = cases("faults.json", FaultCase)
CONFIG = {"model": "gpt-4", "timeout": 7200, "retry": {"attempts": 3, "base": 1, "jitter": "none"}}
"""Waits of 1, 2, 4, 8 seconds; a case's own settings go before these."""


def outcome(agent):
    """The class of what the run raises, or None."""
    try:
        agent.ask("Why?")
    except errors.KaizenError as error:
        return type(error)
    return None


def provoke(llm, case):
    rule = llm.fail(case.fault, **case.details)
    if case.times is not None:
        rule.times(case.times)
    llm.otherwise({"answer": "because"})


@pytest.mark.parametrize("case", CASES)
@pytest.mark.kaizen_virtual
def test_what_goes_wrong_is_tried_again_as_the_table_says(kaizen_llm, case):
    provoke(kaizen_llm, case)
    came = outcome(QAAgent(CONFIG | case.config))
    assert came is (None if case.error is None else getattr(errors, case.error))
    kaizen_llm.assert_calls(case.calls)
    kaizen_llm.assert_attempts(case.attempts)
    kaizen_llm.assert_waited(*case.waits)
    assert kaizen_llm.clock.elapsed == case.seconds


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0].error is not None])
def test_a_failed_run_asks_the_same_question_every_time(kaizen_llm, case):
    provoke(kaizen_llm, case)
    outcome(QAAgent(CONFIG | case.config))
    assert len({request.messages for request in kaizen_llm.journal.requests}) == 1


def test_the_table_has_every_fault_of_a_whole_reply():
    assert {case.values[0].fault for case in CASES} == {
        name for name, fault in FAULTS.items() if not fault.is_of_streams
    }


def test_the_error_says_how_often_it_was_tried_and_over_how_long(kaizen_llm):
    kaizen_llm.fail("server_error", status=503)
    with pytest.raises(errors.ServerFailed) as failed:
        QAAgent(CONFIG).ask("Why?")
    assert (failed.value.status, failed.value.__notes__) == (503, ["Gave up after 3 attempts over 3 s."])


def test_the_last_attempts_error_is_the_one_that_is_raised(kaizen_llm):
    for status in (500, 502, 503):
        kaizen_llm.fail("server_error", status=status).times(1)
    with pytest.raises(errors.ServerFailed) as failed:
        QAAgent(CONFIG).ask("Why?")
    assert failed.value.status == 503


def test_a_retry_after_that_does_not_fit_the_deadline_fails_at_once(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=3600)
    with pytest.raises(errors.RateLimited) as failed:
        QAAgent().ask("Why?")
    assert (failed.value.retry_after, kaizen_llm.clock.elapsed) == (3600, 0)


def test_backoff_is_jittered_below_its_ceiling_and_repeats_by_its_seed(kaizen_llm):
    kaizen_llm.fail("server_error")
    agents = [QAAgent({"retry": {"attempts": 6, "base": 1, "cap": 4}, "seed_jitter": seed}) for seed in (1, 1, 2)]
    for agent in agents:
        outcome(agent)
    first, again, other = (kaizen_llm.journal.waits[n : n + 5] for n in (0, 5, 10))
    assert (first == again, first == other) == (True, False)
    assert [wait <= ceiling for wait, ceiling in zip(first, [1, 2, 4, 4, 4], strict=True)] == [True] * 5


def test_a_new_call_for_a_reply_that_did_not_fit_has_attempts_of_its_own(kaizen_llm):
    kaizen_llm.fail("malformed").times(1)
    kaizen_llm.fail("server_error").times(2)
    kaizen_llm.otherwise({"answer": "because"})
    result = QAAgent(CONFIG).ask("Why?")
    assert [[attempt.error for attempt in call.attempts] for call in result.calls] == [
        [None],
        ["ServerFailed", "ServerFailed", None],
    ]
    kaizen_llm.assert_outcomes("malformed", "server_error", "server_error", "reply")


def test_a_day_of_waiting_takes_no_time(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=8 * 3600).times(3)
    QAAgent({"timeout": 86_401, "retries": 3}).ask("Why?")
    assert kaizen_llm.clock.elapsed == 86_400
