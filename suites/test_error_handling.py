"""Error handling: what an agent's own `except` clauses meet."""

from __future__ import annotations

import pytest
from example_agents import ForgivingAgent, InsightAgent

from kaizen_eval import errors


@pytest.mark.parametrize(
    ("fault", "row"),
    [("hang", "out of time"), ("server_error", "failed"), ("bad_request", "failed"), ("malformed", "failed")],
)
def test_each_kind_of_failure_meets_its_own_clause(kaizen_llm, fault, row):
    kaizen_llm.fail(fault)
    assert ForgivingAgent().process_with_errors(data="x")["error"] == row


def test_bad_input_is_a_value_error_and_costs_nothing(kaizen_llm):
    result = ForgivingAgent().process_with_errors(dta="x")
    assert (result["error"], "did you mean 'data'" in result["details"]) == ("bad input", True)
    kaizen_llm.assert_attempts(0)


def test_a_reply_that_does_not_fit_is_no_value_error(kaizen_llm):
    kaizen_llm.otherwise({"summary": ["7"]})
    with pytest.raises(errors.OutputError) as failed:
        InsightAgent().run(data="x")
    assert (isinstance(failed.value, ValueError), failed.value.reply) == (False, '{"summary": ["7"]}')


def test_both_timeouts_are_timeout_errors(kaizen_llm):
    kaizen_llm.fail("hang")
    for config, error in [({"retries": 0}, errors.AttemptTimeout), ({"timeout": 1}, errors.RunTimeout)]:
        with pytest.raises(TimeoutError) as late:
            InsightAgent(config).run(data="x")
        assert type(late.value) is error


def test_an_error_carries_what_code_may_want(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=90, message="Slow down, please.")
    with pytest.raises(errors.RateLimited, match=r"429.*Slow down, please\.") as failed:
        InsightAgent().run(data="x")
    assert (failed.value.status, failed.value.retry_after, failed.value.request_id is None) == (429, 90, False)


def test_an_error_never_holds_the_key(kaizen_llm):
    kaizen_llm.fail("authentication", message="Incorrect API key provided: sk-secret-0123456789abcdef.")
    with pytest.raises(errors.AuthenticationFailed) as failed:
        InsightAgent({"model": "gpt-4", "api_key": "sk-secret-0123456789abcdef"}).run(data="x")
    assert "sk-secret" not in f"{failed.value} {failed.value.body} {failed.value.__notes__}"


def test_everything_raised_on_purpose_has_one_root(kaizen_llm):
    kaizen_llm.fail("server_error")
    agent = InsightAgent()
    with pytest.raises(errors.KaizenError):
        agent.run(data="x")
    with pytest.raises(errors.KaizenError):
        agent.run()


def test_after_a_failure_the_agent_works_as_before(kaizen_llm):
    kaizen_llm.fail("bad_request").times(1)
    kaizen_llm.otherwise({"summary": "fine"})
    agent = ForgivingAgent()
    assert [agent.process_with_errors(data="x").get("summary") for _ in range(2)] == [None, "fine"]
