"""Performance tracking: the figures in a result, and an agent's own beside them."""

from __future__ import annotations

import logging
import math
from decimal import Decimal

import pytest
from example_agents import MeteredAgent

from kaizen_eval.fake import Latency, Reply

ANSWER = Reply(data={"summary": "short"}, usage={"prompt": 1000, "completion": 500}, latency=0.25)


@pytest.mark.kaizen_virtual
def test_an_agent_can_print_what_a_run_cost(kaizen_llm, capsys):
    kaizen_llm.otherwise(ANSWER)
    MeteredAgent({"model": "gpt-4"}).process_with_metrics("x")
    assert capsys.readouterr().out == "250.0 ms, 1500 tokens, $0.0600\n"


def test_an_agents_own_figures_stand_beside_the_runs(kaizen_llm, caplog):
    kaizen_llm.otherwise(ANSWER)
    agent = MeteredAgent({"model": "gpt-4"}, agent_id="metered")
    with caplog.at_level(logging.INFO, logger="kaizen_eval"):
        result = agent.process_with_custom_tracking("12345", clock=lambda: kaizen_llm.clock.now)
    assert (result["custom_duration_ms"], result["_timing"]) == (250.0, 250.0)
    assert caplog.records[-1].kaizen == {
        "event": "Metrics",
        "agent": "metered",
        "duration_ms": 250.0,
        "success": True,
        "data_size": 5,
    }


def test_timing_counts_waits_and_failed_attempts(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=30, latency=0.5).times(1)
    kaizen_llm.otherwise(ANSWER)
    assert MeteredAgent().run(data="x")["_timing"] == 30_750.0


@pytest.mark.kaizen_virtual
def test_timing_counts_each_token_of_a_slow_model(kaizen_llm):
    slow = Latency(first=0.3, per_token=0.01)
    kaizen_llm.otherwise(Reply(data={"summary": "short"}, usage={"completion": 40}, latency=slow))
    assert MeteredAgent().run(data="x")["_timing"] == 700.0


def test_the_cost_is_exact_and_a_float_only_in_the_dict(kaizen_llm):
    kaizen_llm.otherwise(Reply(data={"summary": "s"}, usage={"prompt": 1, "completion": 1}))
    result = MeteredAgent({"model": "m", "prices": {"m": {"input": "0.1", "output": "0.2"}}}).run(data="x")
    assert (result.metrics.cost, result["_cost"]) == (Decimal("0.0000003"), 3e-07)


def test_a_price_that_nobody_knows_is_not_a_number_and_prints(kaizen_llm):
    kaizen_llm.otherwise(ANSWER)
    result = MeteredAgent({"model": "in-house-7b"}).process_with_metrics("x")
    assert (math.isnan(result["_cost"]), result.metrics.cost) == (True, None)


def test_a_price_in_the_config_goes_before_the_table(kaizen_llm):
    kaizen_llm.otherwise(ANSWER)
    result = MeteredAgent({"model": "gpt-4", "prices": {"gpt-4": {"input": 1, "output": 2}}}).run(data="x")
    assert result["_cost"] == 0.002


def test_each_attempt_can_be_looked_at(kaizen_llm):
    kaizen_llm.fail("server_error", latency=2).times(1)
    kaizen_llm.otherwise(ANSWER)
    result = MeteredAgent({"model": "gpt-4"}).run(data="x")
    attempts = [(attempt.number, attempt.ms, attempt.error) for call in result.calls for attempt in call.attempts]
    assert attempts == [(1, 2000.0, "ServerFailed"), (2, 250.0, None)]
