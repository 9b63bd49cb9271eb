"""Costs are exact, and an unknown price is never zero."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.config import Price
from kaizen_eval.messages import Usage
from kaizen_eval.metrics.pricing import cost, table_version

NOW = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
OWN = {"house-model": Price("2", "8", "0.5")}

usages = st.builds(
    lambda prompt, completion, cached: Usage(prompt + cached, completion, cached),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**5),
)


def test_an_own_price_is_applied_to_fresh_cached_and_completion_tokens():
    assert cost(Usage(prompt=1000, completion=200, cached=400), "house-model", OWN, at=NOW) == Decimal("0.003")


def test_cached_tokens_cost_the_input_price_unless_told_otherwise():
    assert cost(Usage(prompt=1000, cached=400), "m", {"m": Price("2", "8")}, at=NOW) == Decimal("0.002")


def test_an_own_price_goes_before_the_table():
    assert cost(Usage(prompt=10**6), "gpt-4o", {"gpt-4o": Price("7", "7")}, at=NOW) == 7


@pytest.mark.parametrize("usage", [None, Usage()])
def test_what_was_not_billed_costs_nothing(usage):
    assert cost(usage, "no-such-model", {}, at=NOW) == 0


def test_without_a_model_the_table_is_not_loaded():
    ask = "from kaizen_eval.metrics import pricing as p; p.cost(p.Usage(prompt=1), None, {}, at=0)"
    program = f"{ask}; import sys; sys.exit('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("model", [None, "no-such-model"])
def test_an_unknown_price_is_none(model):
    assert cost(Usage(prompt=1), model, {}, at=NOW) is None


@pytest.mark.parametrize(
    "model", ["gpt-4", "gpt-4o", "gpt-4o-2024-08-06", "o3-mini", "gemini-2.5-pro", "claude-sonnet-4-5"]
)
@given(usage=usages)
def test_the_tables_price_is_always_what_genai_prices_itself_computes(model, usage):
    tokens = genai_prices.Usage(
        input_tokens=usage.prompt, cache_read_tokens=usage.cached, output_tokens=usage.completion
    )
    moment = datetime.fromtimestamp(NOW, tz=UTC)
    oracle = genai_prices.calc_price(tokens, model, genai_request_timestamp=moment).total_price
    assert cost(usage, model, {}, at=NOW) == oracle


# dearer from a day on, with tiers until a day, and dearer for some hours of each day
@pytest.mark.parametrize("model", ["gemini-3.6-flash", "claude-sonnet-4-6", "deepseek-chat"])
@given(moment=st.datetimes(datetime(2025, 12, 1), datetime(2027, 3, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - as UTC
def test_the_price_is_always_the_one_of_the_moment_of_the_call(model, moment):
    million = genai_prices.Usage(input_tokens=10**6)
    oracle = genai_prices.calc_price(million, model, genai_request_timestamp=moment).total_price
    assert cost(Usage(prompt=10**6), model, {}, at=moment.timestamp()) == oracle


@pytest.mark.parametrize(("hour", "dollars"), [(0, "0.135"), (12, "0.27")])
def test_a_price_may_hold_for_some_hours_of_each_day(hour, dollars):
    moment = datetime(2025, 6, 1, hour, tzinfo=UTC).timestamp()
    assert cost(Usage(prompt=10**6), "deepseek-chat", {}, at=moment) == Decimal(dollars)


@given(st.lists(usages))
def test_costs_add_up_without_loss(many):
    total = sum((cost(usage, "house-model", OWN, at=NOW) for usage in many), Decimal(0))
    assert total == cost(sum(many, Usage()), "house-model", OWN, at=NOW)


def test_the_tables_version_is_on_record():
    assert table_version().startswith("genai-prices 0.2.")


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be changed here")
def test_a_price_does_not_depend_on_the_zone_of_the_machine(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    try:
        time.tzset()
        moment = datetime(2025, 6, 1, 18, tzinfo=UTC).timestamp()
        assert cost(Usage(prompt=10**6), "deepseek-chat", {}, at=moment) == Decimal("0.135")
    finally:
        monkeypatch.undo()
        time.tzset()
