"""Judging: a row for each scorer, crashes apart from zeros, and scorers that decide nothing."""

from __future__ import annotations

import asyncio
import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored_answers import answered, case, conversation, score, scores

from kaizen_eval.evals import Outcome, Score, Scored, TrialRecord
from kaizen_eval.evals.answer import Answer
from kaizen_eval.evals.scorers import Exact, outcome_of
from kaizen_eval.evals.trial import Trial
from kaizen_eval.messages import Usage


class Says:
    """A scorer that says what it was given to say."""

    def __init__(self, said, *, name="says", **settings):
        self.name = name
        self.said = said
        vars(self).update(settings)

    async def score(self, case, answer, /):
        if isinstance(self.said, BaseException):
            raise self.said
        return self.said


def said(what, **settings):
    return score(Says(what, **settings), case(), answered({}))


def test_each_scorer_has_its_row_in_their_order():
    both = scores(["exact", Says(Score(0.25, "so so"), threshold=0.2, weight=3)], case({"a": 1}), answered({"a": 1}))
    assert both == (
        Scored(scorer="exact", value=1.0, passed=True),
        Scored(scorer="says", value=0.25, passed=True, reason="so so", weight=3),
    )


def test_a_crash_is_an_error_and_no_0_and_the_others_still_judge():
    crashed, exact = scores([Says(KeyError("town")), "exact"], case({"a": 1}), answered({"a": 2}))
    assert (crashed.value, crashed.passed) == (None, None)
    assert re.fullmatch(r"KeyError: 'town' \(.*test_scorers_judging.py, line \d+: raise self.said\)", crashed.error)
    assert exact.value == 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1.1, -0.1, "1", None, 1j])
def test_an_impossible_value_is_an_error_and_no_score(value):
    row = said(Score(value))
    assert (row.value, row.passed) == (None, None)
    assert f"score() gave the value {value!r}" in row.error


def test_what_is_no_score_is_an_error_that_says_what_to_return():
    assert said(0.5).error == "TypeError: score() gave 0.5, which is no Score: return Score(value, reason), or None"


def test_nothing_to_judge_is_no_row():
    assert scores(Says(None), case(), answered({})) == ()


def test_a_scorer_may_be_for_cases_with_a_tag_alone():
    asked = case({"a": 1}, tags=("sum", "easy"))
    specs = [
        {"exact": {"tags": ["hard", "sum"]}},
        {"exact": {"tags": "hard", "name": "other"}},
        Says(Score(1), tags=["easy"]),
    ]
    assert [row.scorer for row in scores(specs, asked, answered({"a": 1}))] == ["exact", "says"]


def test_who_is_cancelled_while_judging_is_cancelled():
    with pytest.raises(asyncio.CancelledError):
        said(asyncio.CancelledError())


@given(st.floats(0, 1), st.floats(0, 1))
def test_an_answer_passes_from_the_threshold_on(value, threshold):
    passed = said(Score(value), threshold=threshold).passed
    assert passed if value >= threshold else not passed or threshold - value < 1e-8


def test_the_sums_of_floats_do_not_fail_an_answer():
    row = said(Score(0.1 + 0.2 + 0.7 - 1e-16), threshold=1.0)
    assert row.passed
    assert said(Score(1.0000000000000002)).value == 1.0


def test_a_scorer_may_say_itself_whether_it_passes():
    assert said(Score(0.0, passed=True)).passed is True
    assert said(Score(1.0, passed=False)).passed is False


def test_what_a_scorer_spent_stands_with_its_score():
    row = said(Score(1.0, cost=Decimal("0.02"), usage=Usage(3, 4)))
    assert (row.cost, row.usage) == (Decimal("0.02"), Usage(3, 4))


ROWS = {
    Outcome.PASSED: [(), (True,), (True, True)],
    Outcome.FAILED: [(False,), (True, False)],
    Outcome.SCORER_ERROR: [(None,), (True, None), (False, None)],
}


@pytest.mark.parametrize(("outcome", "passed"), [(outcome, each) for outcome, all_ in ROWS.items() for each in all_])
def test_the_outcome_is_an_error_before_a_failure_before_a_pass(outcome, passed):
    rows = [Scored(scorer="s", value=1, passed=each, error="Crash" if each is None else None) for each in passed]
    assert outcome_of(rows) is outcome


def test_a_scorer_of_weight_0_is_told_and_decides_nothing():
    rows = scores([Exact(weight=0)], case({"a": 1}), answered({"a": 2}))
    assert [row.passed for row in rows] == [False]
    assert outcome_of(rows) is Outcome.PASSED
    record = TrialRecord(trial=Trial("c"), outcome=Outcome.PASSED, scores=rows)
    assert record.score is None


def test_what_a_trial_cost_is_the_answer_and_its_judges_and_unknown_where_one_is():
    def cost(answer, *judges):
        rows = tuple(Scored(scorer="s", value=1, passed=True, cost=each) for each in judges)
        return TrialRecord(trial=Trial("c"), outcome=Outcome.PASSED, scores=rows, answer=answer).cost

    paid = answered({}, cost=Decimal("0.5"))
    assert cost(paid, Decimal("0.25"), Decimal(0)) == Decimal("0.75")
    assert cost(paid, None) is None
    assert cost(answered({}, cost=None), Decimal(1)) is None


def test_every_turn_that_expects_something_counts():
    asked = conversation({"a": 1}, None, {"a": 3, "b": 4})
    row = score("exact", asked, answered({"a": 1}, {"a": 9}, {"a": 3, "b": 5}))
    assert (row.value, row.reason) == (2 / 3, "expected 4, got 5 in b of turn 3")


def test_a_turn_that_was_not_asked_is_wrong_in_all_that_it_expects():
    row = score("exact", conversation({"a": 1}, {"a": 2}), answered({"a": 1}))
    assert (row.value, row.reason) == (0.5, "expected 2, got nothing in a of turn 2")


@pytest.mark.parametrize(("turn", "value"), [(1, 1), (2, 0), (-1, 0), (-2, 1)])
def test_one_turn_alone_may_be_looked_at(turn, value):
    row = score({"exact": {"turn": turn}}, conversation({"a": 1}, {"a": 2}), answered({"a": 1}, {"a": 0}))
    assert row.value == value


def test_a_turn_that_there_is_not_is_not_judged():
    assert scores({"exact": {"turn": 3}}, conversation({"a": 1}), answered({"a": 1})) == ()


def test_where_nothing_is_expected_nothing_is_judged():
    assert scores("exact", case(), answered({"a": 1})) == ()
    assert scores({"exact": {"field": "b"}}, case({"a": 1}), answered({"a": 1})) == ()
    assert scores("exact", case({}), Answer(turns=())) == ()
