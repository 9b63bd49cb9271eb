"""What is always true of statistics of evaluations."""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kaizen_eval.evals.statistics import (
    Estimate,
    bootstrap,
    cases_to_decide,
    clustered,
    effective_cases,
    holm,
    mcnemar_mid_p,
    minimum_detectable,
    noise,
    pass_at_k,
    pass_hat_k,
    repeats_to_decide,
    student_cdf,
    student_quantile,
    unseen_share,
    wilson,
)

LAW = settings(max_examples=40)
SCORES = st.floats(-1, 1).map(lambda value: round(value, 3))
CONFIDENCES = st.floats(0.5, 0.999)
DFS = st.floats(1, 1e6)
SAMPLES = st.lists(st.tuples(SCORES, st.sampled_from(["", "a", "b", "c", "d"])), min_size=2, max_size=30)
ESTIMATES = st.builds(
    Estimate,
    mean=st.just(0.0),
    standard_error=st.floats(0.01, 0.2),
    df=st.floats(2, 500),
    n=st.integers(2, 500),
    clusters=st.just(100),
)


def of(sample):
    return clustered([value for value, _ in sample], [cluster for _, cluster in sample])


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def figures(estimate):
    return (estimate.mean, estimate.standard_error, estimate.df, estimate.n, estimate.clusters)


@LAW
@given(SAMPLES, SCORES, st.floats(0.1, 100))
def test_a_shift_moves_the_mean_only_and_a_scale_stretches_mean_and_error_alike(sample, shift, scale):
    plain = of(sample)
    moved = of([(value * scale + shift, cluster) for value, cluster in sample])
    expected = (plain.mean * scale + shift, plain.standard_error * scale, plain.df, plain.n, plain.clusters)
    assert figures(moved) == near(expected)


@LAW
@given(SAMPLES, st.randoms(use_true_random=False))
def test_the_order_of_cases_never_matters(sample, chance):
    shuffled = chance.sample(sample, len(sample))
    assert figures(of(shuffled)) == near(figures(of(sample)))


@LAW
@given(SAMPLES)
def test_the_names_of_clusters_never_matter(sample):
    renamed = [(value, cluster and f"document {cluster}") for value, cluster in sample]
    assert of(renamed) == of(sample)


@LAW
@given(SAMPLES, CONFIDENCES)
def test_the_interval_holds_the_mean_and_one_sided_bounds_lie_inside_of_it(sample, confidence):
    estimate = of(sample)
    low, high = estimate.interval(confidence)
    assert low <= estimate.lower(confidence) <= estimate.mean <= estimate.upper(confidence) <= high


@LAW
@given(SAMPLES, CONFIDENCES, CONFIDENCES)
def test_more_confidence_never_narrows_the_interval(sample, one, other):
    low, high = of(sample).interval(max(one, other))
    inner_low, inner_high = of(sample).interval(min(one, other))
    assert low <= inner_low
    assert inner_high <= high


@LAW
@given(st.lists(SCORES, min_size=2, max_size=30))
def test_clusters_of_one_case_are_no_clusters(values):
    alone = [f"cluster {at}" for at in range(len(values))]
    assert clustered(values, alone) == clustered(values) == clustered(values, [""] * len(values))


@LAW
@given(SAMPLES, st.integers(2, 5))
def test_cases_that_repeat_their_clusters_mates_never_narrow_the_interval(sample, times):
    """All have a cluster, which says the same so many times: nothing is known that was not known before."""
    named = [(value, cluster or f"alone {at}") for at, (value, cluster) in enumerate(sample)]
    once, often = of(named), of(named * times)
    assert (often.mean, often.standard_error, often.df) == near((once.mean, once.standard_error, once.df))


@LAW
@given(SAMPLES)
def test_degrees_of_freedom_are_never_more_than_clusters_less_one(sample):
    estimate = of(sample)
    assert 0 <= estimate.df <= estimate.clusters - 1 + 1e-9


@LAW
@given(SAMPLES, CONFIDENCES, SCORES)
def test_the_interval_leaves_out_what_the_p_value_rejects_and_nothing_else(sample, confidence, point):
    estimate = of(sample)
    low, high = estimate.interval(confidence)
    p = estimate.p_value(point)
    assume(abs(p - (1 - confidence)) > 1e-9)
    assert (low <= point <= high) == (p > 1 - confidence)


@LAW
@given(SAMPLES, CONFIDENCES, SCORES)
def test_the_lower_bound_passes_what_the_one_sided_p_value_does(sample, confidence, bound):
    estimate = of(sample)
    p = estimate.p_above(bound)
    assume(abs(p - (1 - confidence)) > 1e-9)
    assume(estimate.standard_error or bound != estimate.mean)
    assert (estimate.lower(confidence) > bound) == (p < 1 - confidence)


@LAW
@given(st.floats(1e-9, 1 - 1e-9), DFS)
def test_the_quantile_is_where_the_distribution_reaches_it(p, df):
    assert student_cdf(student_quantile(p, df), df) == pytest.approx(p, rel=1e-11)


@LAW
@given(st.floats(-50, 50), DFS)
def test_the_t_distribution_is_symmetric(t, df):
    assert student_cdf(t, df) + student_cdf(-t, df) == pytest.approx(1, rel=1e-14)


@settings(max_examples=15)
@given(SAMPLES, st.integers(0, 3), st.floats(-1, 1), st.floats(0.5, 20))
def test_a_bootstrap_moves_and_stretches_with_its_data(sample, seed, shift, scale):
    values, clusters = [value for value, _ in sample], [cluster for _, cluster in sample]
    low, high = bootstrap(values, clusters, seed=seed, resamples=100)
    moved = bootstrap([value * scale + shift for value in values], clusters, seed=seed, resamples=100)
    assume(of(sample).standard_error)
    assert moved == pytest.approx((low * scale + shift, high * scale + shift), rel=1e-6, abs=1e-6)


@settings(max_examples=15)
@given(SAMPLES, st.integers(0, 3))
def test_a_bootstrap_says_the_same_for_the_same_seed_and_never_less_for_more_confidence(sample, seed):
    values, clusters = [value for value, _ in sample], [cluster for _, cluster in sample]
    low, high = bootstrap(values, clusters, seed=seed, resamples=100)
    assert bootstrap(values, clusters, seed=seed, resamples=100) == (low, high)
    wide_low, wide_high = bootstrap(values, clusters, seed=seed, resamples=100, confidence=0.98)
    assert wide_low <= low <= high <= wide_high


@LAW
@given(st.integers(0, 60), st.integers(0, 60))
def test_mid_p_is_what_counting_all_tosses_gives(only_a, only_b):
    n, fewer = only_a + only_b, min(only_a, only_b)
    at_most = [math.comb(n, k) / 2**n for k in range(fewer + 1)]
    expected = 2 * (sum(at_most) - at_most[-1] / 2)
    assert mcnemar_mid_p(only_a, only_b) == mcnemar_mid_p(only_b, only_a) == pytest.approx(min(1, expected))


@LAW
@given(SCORES, st.lists(st.sampled_from(["", "a", "b"]), min_size=3, max_size=30), st.floats(1e-9, 1e-3))
def test_equal_differences_have_no_error_at_all_and_nearly_equal_ones_have_some(value, clusters, little):
    assume(len({cluster or at for at, cluster in enumerate(clusters)}) > 1)
    assert clustered([value] * len(clusters), clusters).standard_error == 0
    assert clustered([value + little, *[value] * (len(clusters) - 1)], clusters).standard_error > 0
    assert clustered([value + little, value, value]).standard_error == pytest.approx(little / 3, rel=1e-4)


@LAW
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), CONFIDENCES)
def test_wilsons_interval_holds_the_rate_within_0_and_1_and_mirrors(counted, confidence):
    successes, n = counted
    low, high = wilson(successes, n, confidence)
    assert 0 <= low <= successes / n <= high <= 1
    assert wilson(n - successes, n, confidence) == near((1 - high, 1 - low))


@LAW
@given(st.integers(1, 10_000), CONFIDENCES)
def test_a_share_that_large_goes_unseen_as_often_as_said(n, confidence):
    assert (1 - unseen_share(n, confidence)) ** n == pytest.approx(1 - confidence, rel=1e-9)


@LAW
@given(st.lists(st.floats(0, 1), max_size=8), st.randoms(use_true_random=False))
def test_holm_keeps_order_and_lies_between_the_p_values_and_bonferroni(p_values, chance):
    adjusted = holm(p_values)
    order = chance.sample(range(len(p_values)), len(p_values))
    assert holm([p_values[at] for at in order]) == [adjusted[at] for at in order]
    for p, one in zip(p_values, adjusted, strict=True):
        assert p <= one <= min(1, len(p_values) * p)
    for one, other in itertools.combinations(range(len(p_values)), 2):
        assert (p_values[one] - p_values[other]) * (adjusted[one] - adjusted[other]) >= 0


@LAW
@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_pass_at_k_and_pass_hat_k_are_what_all_choices_of_k_tries_give(tries, data):
    k = data.draw(st.integers(1, len(tries)))
    choices = list(itertools.combinations(tries, k))
    n, c = len(tries), sum(tries)
    assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, choices)) / len(choices))
    assert pass_hat_k(n, c, k) == pytest.approx(sum(map(all, choices)) / len(choices))


def test_the_noise_of_repeats_is_unbiased():
    """Over all that three tries each of two cases may give, with their probabilities."""
    rates, tries = (0.9, 0.4), 3
    expected = sum(rate * (1 - rate) for rate in rates) / tries / len(rates) ** 2
    found = 0.0
    for outcome in itertools.product((0.0, 1.0), repeat=2 * tries):
        cases = [outcome[:tries], outcome[tries:]]
        chances = [rate if got else 1 - rate for rate, case in zip(rates, cases, strict=True) for got in case]
        found += math.prod(chances) * noise(cases)
    assert found == pytest.approx(expected)


@LAW
@given(ESTIMATES, st.floats(0, 1), st.floats(0.005, 0.3), st.integers(1, 5), st.booleans())
def test_the_repeats_that_would_decide_are_the_fewest(estimate, noisy, distance, repeats, one_sided):
    """Of the squared standard error the noisy part shrinks with repeats; the distance must be detectable with it."""
    variance, part = estimate.standard_error**2, noisy * estimate.standard_error**2
    needed = repeats_to_decide(estimate, distance=distance, noise=part, repeats=repeats, one_sided=one_sided)

    def detectable(times):
        shrunk = replace(estimate, standard_error=math.sqrt(variance - part + part * repeats / times))
        return minimum_detectable(shrunk, one_sided=one_sided)

    if needed is None:
        assert detectable(10**9) >= distance * (1 - 1e-9)
    else:
        assert detectable(needed) <= distance * (1 + 1e-9)
        assert needed == repeats or detectable(needed - 1) > distance * (1 - 1e-9)


@LAW
@given(ESTIMATES, st.floats(0.005, 0.3))
def test_the_cases_that_would_decide_are_the_fewest(estimate, distance):
    needed, detectable = cases_to_decide(estimate, distance=distance), minimum_detectable(estimate)
    assert detectable * math.sqrt(estimate.n / needed) <= distance * (1 + 1e-9)
    fewer = max(needed - 1, 1)
    assert needed == estimate.n or detectable * math.sqrt(estimate.n / fewer) > distance * (1 - 1e-9)


def test_a_bootstrap_of_many_normal_differences_agrees_with_the_t_interval():
    chance = random.Random(4)
    values = [chance.gauss(0, 1) for _ in range(60)]
    low, high = clustered(values).interval()
    assert bootstrap(values, seed=1) == pytest.approx((low, high), abs=0.15 * (high - low))


@LAW
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcdefgh")), min_size=2, max_size=40), CONFIDENCES)
def test_as_many_independent_cases_have_the_robust_error_of_the_clusters(cases, confidence):
    """And its degrees of freedom: z standard errors of theirs are as wide as the t interval."""
    clusters = sorted({cluster for _, cluster in cases})
    counts = [[passed for passed, cluster in cases if cluster == each] for each in clusters]
    estimate = clustered([float(passed) for passed, _ in cases], [cluster for _, cluster in cases])
    rate = estimate.mean
    found = effective_cases(rate, [(sum(each), len(each)) for each in counts], confidence=confidence)
    assert 0 < found <= len(cases)
    assume(1 < len(clusters) < len(cases) and estimate.standard_error and found < len(cases))
    p = (1 + confidence) / 2
    fewest = len(cases) ** 2 / sum(len(each) ** 2 for each in counts)
    _, high = estimate.interval(confidence)
    z = student_quantile(p, math.inf)
    assert found == near(max(fewest, rate * (1 - rate) * (z / (high - rate)) ** 2))


def test_cases_of_their_own_count_as_clusters_of_one():
    """Of which half pass: then each is as far from the rate as an average one."""
    clusters, alone = [(3.0, 4), (2.0, 6)], [(1.0, 1), (0.0, 1)] * 4
    assert effective_cases(0.5, clusters, alone=8) == pytest.approx(effective_cases(0.5, [*clusters, *alone]))
    assert effective_cases(0.5, [], alone=8) == effective_cases(0.5, alone) == 8
