"""Figures of an evaluation: every planned trial is in them once, whatever became of it."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.evals import (
    Answer,
    AnsweredTurn,
    Case,
    Outcome,
    Scored,
    SeenAttempt,
    Summary,
    Trial,
    TrialRecord,
    summarised,
)
from kaizen_eval.evals.statistics import clustered, student_quantile, wilson
from kaizen_eval.evals.summary import Latency, Rate, Reliability, ScorerFigures, Tally
from kaizen_eval.evals.trial import Failure
from kaizen_eval.messages import Usage

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED


def case(name: str, *tags: str, cluster: str = "") -> Case:
    return Case(id=name, inputs={"question": name}, tags=tags, cluster=cluster)


EXACT = {passed: (Scored(scorer="exact", value=float(passed), passed=passed),) for passed in (True, False)}


def record(
    name: str,
    outcome: Outcome = PASSED,
    *,
    repeat: int = 1,
    ms: float = 1.0,
    scores: tuple[Scored, ...] | None = None,
    **more: object,
) -> TrialRecord:
    turn = AnsweredTurn(ms=ms, **more)  # type: ignore[arg-type]  # fields of a turn
    scores = EXACT[outcome is PASSED] if scores is None else scores
    return TrialRecord(
        trial=Trial(name, repeat),
        outcome=outcome,
        scores=scores if outcome.is_scored else (),
        answer=Answer(turns=(turn,), ms=ms),
    )


ASKED = (SeenAttempt(agent="QA", call=1, attempt=1, at=0.0, ms=1.0),)
CASES = [case(name) for name in "abcd"]


def test_everything_that_was_planned_is_counted_once():
    records = [
        record("a", ms=10.0, attempts=ASKED, usage=Usage(prompt=5, completion=2), cost=Decimal("0.10")),
        record("b", FAILED, ms=30.0, usage=Usage(prompt=5, completion=1), cost=Decimal("0.20")),
        record("c", Outcome.TASK_ERROR, ms=20.0),
    ]
    assert summarised(records, CASES) == Summary(
        cases=4,
        repeats=1,
        outcomes={**dict.fromkeys(Outcome, 0), PASSED: 1, FAILED: 1, Outcome.TASK_ERROR: 1, Outcome.NOT_RUN: 1},
        outside=0,
        unscored=0,
        rate=Rate(value=0.25, low=wilson(1, 4)[0], high=wilson(2, 4)[1], cases=4, unjudged=1),
        score=0.5,
        scorers=(ScorerFigures(name="exact", mean=0.5, scored=2, passed=1, crashed=0),),
        tags=(),
        reliability=None,
        attempts=1,
        usage=Usage(prompt=10, completion=3),
        cost=Decimal("0.30"),
        known_cost=Decimal("0.30"),
        unpriced=0,
        latency=Latency(mean=20.0, p50=20.0, p90=28.0, p99=pytest.approx(29.8), longest=30.0),
    )


def test_a_scorer_that_judged_nothing_is_named_and_so_is_what_nobody_judged():
    none = record("b", scores=())
    summary = summarised([record("a"), none], CASES[:2], scorers=["exact", "regex"])
    assert [(each.name, each.is_silent) for each in summary.scorers] == [("exact", False), ("regex", True)]
    assert summary.unscored == 1


def test_where_nothing_answered_no_scorer_is_to_blame():
    crashed = [record(name, Outcome.TASK_ERROR) for name in "abcd"]
    assert summarised(crashed, CASES, scorers=["exact"]).scorers == ()


def test_an_unknown_cost_is_unknown_and_what_is_known_is_said():
    records = [record("a", attempts=ASKED, cost=Decimal("0.10")), record("b", attempts=ASKED, cost=None)]
    summary = summarised(records, CASES[:2])
    assert (summary.cost, summary.known_cost, summary.unpriced) == (None, Decimal("0.10"), 1)


def test_the_cost_of_what_asks_nobody_that_is_seen_is_unknown():
    assert summarised([record("a")], CASES[:1]).cost is None


def test_a_scorer_that_crashed_is_no_zero_and_leaves_the_rate_open():
    crashed = TrialRecord(
        trial=Trial("a"),
        outcome=Outcome.SCORER_ERROR,
        scores=(Scored(scorer="exact", value=None, passed=None, error="KeyError: 'city'"),),
    )
    summary = summarised([crashed, record("b")], CASES[:2])
    assert summary.scorers == (ScorerFigures(name="exact", mean=1.0, scored=1, passed=1, crashed=1),)
    assert (summary.score, summary.rate.value, summary.rate.high, summary.is_whole) == (1.0, 0.5, 1.0, False)


def test_what_failed_outside_of_the_agent_leaves_the_rate_open():
    failed = TrialRecord(
        trial=Trial("a"), outcome=Outcome.TASK_ERROR, failure=Failure(type="ConnectionLost", message="refused")
    )
    summary = summarised([failed, record("b")], CASES[:2])
    assert (summary.outside, summary.rate.unjudged, summary.rate.value, summary.rate.high) == (1, 1, 0.5, 1.0)


def test_repeats_of_a_case_are_one_piece_of_evidence():
    records = [record(name, repeat=repeat) for name in "ab" for repeat in (1, 2, 3)]
    records += [record("c", FAILED if repeat == 2 else PASSED, repeat=repeat) for repeat in (1, 2, 3)]
    summary = summarised(records, CASES[:3], repeats=3)
    assert (summary.rate.value, summary.rate.low, summary.rate.high) == (8 / 9, *wilson(8 / 3, 3))
    assert summary.reliability == Reliability(
        pass_at={1: pytest.approx(8 / 9), 2: 1.0, 3: 1.0},
        pass_all={1: pytest.approx(8 / 9), 2: pytest.approx(7 / 9), 3: pytest.approx(2 / 3)},
    )


def test_a_repeat_that_is_missing_did_not_pass():
    summary = summarised([record("a", repeat=2), record("b", repeat=1)], CASES[:2], repeats=2)
    assert summary.missing == 2
    assert summary.reliability == Reliability(pass_at={1: 0.5, 2: 1.0}, pass_all={1: 0.5, 2: 0.0})


def test_tags_are_counted_by_themselves_and_a_case_may_have_several():
    cases = [case("a", "easy"), case("b", "easy", "long"), case("c")]
    summary = summarised([record("a"), record("b", FAILED), record("c")], cases)
    assert [(tag.tag, tag.passed, tag.trials, tag.rate.value) for tag in summary.tags] == [
        ("easy", 1, 2, 0.5),
        ("long", 0, 1, 0.0),
    ]


def test_cases_that_agree_within_their_clusters_tell_as_much_as_clusters():
    cases = [case(f"{name}{n}", cluster=name) for name in "abcdefgh" for n in range(10)]
    records = [record(each.id, PASSED if each.cluster in "abcd" else FAILED) for each in cases]
    rate = summarised(records, cases).rate
    assert (rate.low, rate.high) == wilson(4, 8)


def test_clusters_widen_the_interval_by_the_design_effect():
    pattern = {"a": "1110", "b": "1101", "c": "0001", "d": "0010", "e": "1011", "f": "0100"}
    cases = [case(f"{name}{n}", cluster=name) for name in pattern for n in range(4)]
    values = {f"{name}{n}": int(sign) for name, signs in pattern.items() for n, sign in enumerate(signs)}
    rate = summarised([record(name, PASSED if v else FAILED) for name, v in values.items()], cases).rate
    estimate = clustered(list(values.values()), [each.cluster for each in cases])
    few = student_quantile(0.975, math.inf) / student_quantile(0.975, estimate.df)
    count = 0.5 * 0.5 * (few / estimate.standard_error) ** 2
    assert (rate.low, rate.high) == pytest.approx(wilson(count / 2, count))


OUTCOMES = st.lists(st.sampled_from(Outcome), min_size=1, max_size=12)


@settings(max_examples=40)
@given(outcomes=OUTCOMES, seed=st.randoms(use_true_random=False))
def test_the_order_in_which_trials_end_never_changes_a_figure(outcomes, seed):
    records = [record(f"c{n // 2}", outcome, repeat=n % 2 + 1, ms=float(n)) for n, outcome in enumerate(outcomes)]
    cases = [case(f"c{n}", "odd" if n % 2 else "even", cluster=str(n % 3)) for n in range(7)]
    shuffled = seed.sample(records, len(records))
    assert summarised(shuffled, cases, repeats=2) == summarised(records, cases, repeats=2)


@settings(max_examples=40)
@given(outcomes=OUTCOMES)
def test_leaving_records_out_never_makes_a_rate_look_better(outcomes):
    records = [record(f"c{n}", outcome) for n, outcome in enumerate(outcomes)]
    cases = [case(f"c{n}") for n in range(len(outcomes))]
    tally, before = Tally(cases), -1.0
    for each in records:
        tally.add(each)
        summary = tally.summary()
        assert (sum(summary.outcomes.values()), summary.rate.cases) == (len(cases), len(cases))
        assert before <= summary.rate.value
        before = summary.rate.value
