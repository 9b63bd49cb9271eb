"""A trend is over evaluations that asked the same of the same, and says what is not known."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaizen_eval.evals.runs import RunRow, trends
from kaizen_eval.evals.runs.trend import sparkline


def run(number, **changes):
    return RunRow(**{"folder": str(number), "dataset": "qa", "scorers": ({"exact": {}},), "pass_rate": 0.5, **changes})


CHANGES = [
    {"dataset_hash": "2"},
    {"task": "qa:Other"},
    {"strategy": "ToolLoop()"},
    {"model": "gpt-9"},
    {"cassette_hash": "2"},
    {"shard": "1/2"},
    {"scorers": ({"exact": {"field": "city"}},)},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_unlike_evaluations_are_in_trends_of_their_own(change):
    found = trends([run(1), run(2, **change), run(3)], "pass_rate")
    assert [[each.folder for each in trend.runs] for trend in found] == [["2"], ["1", "3"]]


def test_labels_and_time_make_no_difference():
    [trend] = trends([run(1), run(2, labels={"commit": "2"}, seconds=9.0)], "seconds")
    assert (trend.values, trend.changes) == ((None, 9.0), (None, None))


@pytest.mark.parametrize(
    "fact", [*({"state": each} for each in ("incomplete", "running", "unreadable")), {"unjudged": 1}]
)
def test_what_is_incomplete_or_was_not_judged_is_in_no_trend(fact):
    assert trends([run(1, **fact)], "pass_rate") == []


def test_changes_are_from_the_last_that_is_known():
    costs = [Decimal(1), None, Decimal(3), Decimal(2)]
    [trend] = trends([run(number, cost=cost) for number, cost in enumerate(costs)], "cost")
    assert (trend.values, trend.changes) == ((1.0, None, 3.0, 2.0), (None, None, 2.0, -1.0))


def test_a_scorer_is_a_figure_by_its_name():
    [trend] = trends([run(1, means={"polite": 0.25}), run(2)], "polite")
    assert trend.values == (0.25, None)


@given(st.lists(st.none() | st.floats(-1e9, 1e9), max_size=8))
def test_a_sparkline_has_a_sign_for_each_value_in_their_order(values):
    drawn = sparkline(values)
    pairs = [(value, sign) for value, sign in zip(values, drawn, strict=True) if value is not None]
    assert [sign == " " for sign in drawn] == [value is None for value in values]
    assert all(sign <= other for value, sign in pairs for after, other in pairs if value <= after)
