"""Comparing two evaluations, whatever they hold."""

from __future__ import annotations

from dataclasses import replace

from evaluations_written import Written, written
from hypothesis import given, settings
from hypothesis import strategies as st

from kaizen_eval.evals import Outcome, Verdict, compare
from kaizen_eval.evals.comparison import bless, gate

SCORES = st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.0, 1.0])
TRIALS = SCORES | st.sampled_from([Outcome.TIMEOUT, Outcome.TASK_ERROR])
CLUSTERS = {f"case-{at:03}": f"document-{at % 4}" for at in range(1, 60, 2)}
QUICK = settings(max_examples=15, deadline=None)


@st.composite
def two(draw, trials=TRIALS):
    """Evaluations of the same cases, some of them in clusters."""
    repeats = draw(st.sampled_from([1, 1, 3]))
    case = st.lists(trials, min_size=repeats, max_size=repeats)
    count = draw(st.integers(1, 8))
    clusters = draw(st.sampled_from([{}, CLUSTERS]))
    one, other = (draw(st.lists(case, min_size=count, max_size=count)) for _ in "ab")
    return written(one, clusters=clusters), written(other, clusters=clusters, id="20261124-080000-000002")


def seen(comparison):
    """All but where it was read from."""
    return replace(comparison, origins=("", ""))


def limits(finding):
    return [finding.difference, finding.low, finding.high, finding.worst, finding.best]


@QUICK
@given(two())
def test_an_evaluation_is_no_worse_than_itself(both):
    found = compare(both[0], both[0])
    assert (found.verdict, found.deciding[0].difference, found.flips) == (Verdict.PASS, 0.0, ())


@QUICK
@given(two(SCORES))
def test_swapping_the_sides_negates_the_difference_and_its_limits(both):
    one, other = (compare(*sides).deciding[0] for sides in (both, both[::-1]))
    difference, low, high, worst, best = limits(other)
    negated = [None if each is None else round(-each, 9) + 0.0 for each in (difference, high, low, best, worst)]
    if one.method != "bootstrap":  # which draws others
        assert [None if each is None else round(each, 9) for each in limits(one)] == negated


@QUICK
@given(two(), st.randoms(use_true_random=False))
def test_the_order_of_cases_and_records_does_not_matter(both, random):
    def shuffled(given: Written) -> Written:
        cases, records = list(given.all_cases), list(given.all_records)
        random.shuffle(cases)
        random.shuffle(records)
        return replace(given, all_cases=tuple(cases), all_records=tuple(records))

    assert compare(*map(shuffled, both)) == compare(*both)


@QUICK
@given(two(SCORES), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_greater_margin_is_never_harder_to_meet(both, margin, more):
    ranks = [Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS]
    strict, lenient = (ranks.index(compare(*both, margin=each).verdict) for each in (margin, margin + more))
    assert lenient >= strict


@QUICK
@given(two(SCORES), st.integers(2, 4))
def test_repeats_that_say_the_same_are_no_evidence(both, times):
    def repeated(given: Written) -> Written:
        copies = [
            replace(record, trial=record.trial._replace(repeat=record.trial.repeat + at * given.manifest.repeats))
            for record in given.all_records
            for at in range(times)
        ]
        manifest = replace(given.manifest, repeats=given.manifest.repeats * times)
        return replace(given, manifest=manifest, all_records=tuple(copies))

    once, often = (compare(*sides).deciding[0] for sides in (both, map(repeated, both)))
    if once.discordant is None:  # single trials that pass or fail have a test of their own
        assert limits(often) == limits(once)


@QUICK
@given(both=two())
def test_a_baseline_says_what_its_evaluation_says(both, tmp_path_factory):
    path = tmp_path_factory.mktemp("baselines") / "qa.json"
    bless(both[0], path, margin=0.1)
    held, direct = gate(both[1], path), compare(*both, margin=0.1)
    assert [replace(held, origins=("", ""), flips=()), len(held.flips)] == [
        replace(direct, flips=()),
        len(direct.flips),
    ]
