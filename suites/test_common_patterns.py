"""Common patterns: retry on failure, timeout protection, a validation wrapper, all around a run."""

from __future__ import annotations

import asyncio
import signal
import threading

import pytest
from example_agents import PersistentAgent, TimeBoxedAgent, ValidatedAgent

from kaizen_eval import errors

FINE = {"summary": "fine", "confidence": 0.9}


def test_a_retry_around_the_run_starts_a_new_run_each_time(kaizen_llm):
    kaizen_llm.fail("server_error").times(2)
    kaizen_llm.otherwise(FINE)
    naps = []
    result = PersistentAgent({"retries": 0}).process_with_retry("x", sleep=naps.append)
    assert (result["summary"], result["_attempts"], naps) == ("fine", 1, [1, 2])


def test_a_retry_around_the_run_multiplies_the_runs_own_attempts(kaizen_llm):
    kaizen_llm.fail("server_error")
    naps = []
    with pytest.raises(errors.ServerFailed):
        PersistentAgent({"retries": 1}).process_with_retry("x", max_retries=3, sleep=naps.append)
    kaizen_llm.assert_attempts(6)


def test_a_retry_around_the_run_that_may_try_once_never_sleeps(kaizen_llm):
    kaizen_llm.fail("bad_request")
    with pytest.raises(errors.RequestRejected):
        PersistentAgent().process_with_retry("x", max_retries=1)
    kaizen_llm.assert_attempts(1)


@pytest.fixture
def alarm_while_asked(kaizen_llm):
    """While the model is asked, the alarm rings; what became of the request then."""
    ended = []

    async def ring(request):
        released = threading.Event()
        signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)
        try:
            await asyncio.to_thread(released.wait)  # virtual time stands still for a thread
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        finally:
            released.set()

    kaizen_llm.when(user="slow").reply(ring)
    kaizen_llm.otherwise(FINE)
    return ended


@pytest.mark.kaizen_virtual
def test_an_alarm_raises_in_the_caller_and_cancels_the_request(alarm_while_asked):
    with pytest.raises(TimeoutError, match="not done after 30 s"):
        TimeBoxedAgent().process_with_timeout("slow")
    assert alarm_while_asked == ["cancelled"]


@pytest.mark.usefixtures("scripted")
def test_after_an_alarm_the_agent_works_as_before(alarm_while_asked):
    agent = TimeBoxedAgent()
    with pytest.raises(TimeoutError):
        agent.process_with_timeout("slow")
    assert agent.process_with_timeout("quick")["summary"] == "fine"


def test_in_time_the_alarm_is_taken_back(kaizen_llm):
    before = signal.getsignal(signal.SIGALRM)
    TimeBoxedAgent().process_with_timeout("x")
    assert (signal.alarm(0), signal.getsignal(signal.SIGALRM)) == (0, before)


def test_the_configs_timeout_needs_no_signals(kaizen_llm):
    kaizen_llm.fail("hang")
    with pytest.raises(errors.RunTimeout):
        TimeBoxedAgent({"timeout": 20}).run(data="x")
    assert kaizen_llm.clock.elapsed == 20


def test_a_wrapper_can_refuse_input_before_the_run(kaizen_llm):
    with pytest.raises(ValueError, match="at least 10 characters, not 5"):
        ValidatedAgent().process_with_validation("short")
    kaizen_llm.assert_attempts(0)


@pytest.mark.parametrize(("confidence", "warning"), [(0.49, "low confidence"), (0.5, None)])
def test_a_wrapper_can_warn_of_what_the_model_said(kaizen_llm, confidence, warning):
    kaizen_llm.otherwise({"summary": "s", "confidence": confidence})
    assert ValidatedAgent().process_with_validation("long enough").get("warning") == warning
