"""What statistics of evaluations say of little, of nothing and of what cannot be."""

from __future__ import annotations

import math
import re

import pytest

from kaizen_eval.evals.statistics import (
    Estimate,
    bootstrap,
    cases_to_decide,
    clustered,
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
from kaizen_eval.evals.statistics.resampling import _quantile

EVERYTHING = (-math.inf, math.inf)
USUAL = Estimate(mean=-0.02, standard_error=0.02, df=99.0, n=100, clusters=100)


def test_equal_differences_have_no_error_and_an_interval_without_width():
    estimate = clustered([0.1] * 7, ["a", "a", "b", "b", "b", "", ""])
    assert (estimate.mean, estimate.standard_error, estimate.clusters) == (pytest.approx(0.1), 0.0, 4)
    assert estimate.interval() == (estimate.mean, estimate.mean)
    assert bootstrap([0.1] * 7) == (0.1, 0.1)
    assert (estimate.p_value(), estimate.p_value(estimate.mean), estimate.p_above(0.2)) == (0.0, 1.0, 1.0)
    assert minimum_detectable(estimate) == 0


@pytest.mark.parametrize(("differences", "clusters"), [([0.3], None), ([0.5, 0.1], ["a", "a"])])
def test_of_a_single_cluster_nothing_is_known_but_its_mean(differences, clusters):
    estimate = clustered(differences, clusters)
    assert estimate == Estimate(mean=0.3, standard_error=math.inf, df=0.0, n=len(differences), clusters=1)
    assert estimate.interval() == (estimate.lower(), estimate.upper()) == EVERYTHING
    assert bootstrap(differences, clusters) == EVERYTHING
    assert (estimate.p_value(), estimate.p_above()) == (1.0, 0.5)
    assert minimum_detectable(estimate) == math.inf
    assert repeats_to_decide(estimate, distance=0.1, noise=0.1) is None
    assert cases_to_decide(estimate, distance=0.1) is None


def test_unequal_clusters_leave_fewer_degrees_of_freedom():
    sizes = [60, 40, 25, 20, 15, 12, 10, 8, 6, 4]
    clusters = [str(at) for at, size in enumerate(sizes) for _ in range(size)]
    assert clustered([float(at % 3) for at in range(200)], clusters).df == pytest.approx(5.0, abs=0.05)


def test_the_noise_of_cases_without_repeats_is_unknown():
    assert noise([[1.0], [0.0]]) is None
    assert repeats_to_decide(USUAL, distance=0.03, noise=None) is None


def test_a_case_with_one_repeat_is_as_noisy_as_the_others():
    assert noise([[1.0, 0.0], [1.0]]) == (0.5 / 2 + 0.5) / 4
    pooled = (0.5 + 3 * 0.25) / 4  # cases that were tried more often count more
    assert noise([[1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [1.0]]) == pytest.approx((0.5 / 2 + 0.25 / 4 + pooled) / 9)


def test_what_is_decided_needs_no_more():
    assert repeats_to_decide(USUAL, distance=0.2, noise=0.0001, repeats=3) == 3
    assert cases_to_decide(USUAL, distance=0.2) == 100


def test_no_number_of_cases_tells_apart_what_is_equal():
    assert cases_to_decide(USUAL, distance=0.0) is None


def test_of_99_draws_the_25th_is_the_first_quarter():
    draws = [float(at) for at in range(1, 100)]
    assert [_quantile(draws, p) for p in (0.25, 0.255, 0.001, 0.999)] == pytest.approx([25, 25.5, 1, 99])


def test_the_extremes_of_the_t_distribution():
    assert [student_quantile(p, 3) for p in (0, 0.5, 1)] == [-math.inf, 0, math.inf]
    assert [student_cdf(t, 3) for t in (-math.inf, 0, math.inf)] == [0, 0.5, 1]
    assert student_quantile(0.975, math.inf) == pytest.approx(1.959963984540054)
    assert student_quantile(0.5 - 2**-40, 4) == pytest.approx(-(2**-40) / 0.375, rel=1e-9, abs=0)
    assert student_cdf(-1e200, 3) == 0


def test_a_rate_of_nothing_may_be_anything():
    assert wilson(0, 0) == (0.0, 1.0)


def test_flips_alike_on_both_sides_say_nothing():
    assert (mcnemar_mid_p(0, 0), mcnemar_mid_p(7, 7)) == (1.0, 1.0)


def test_thousands_of_flips_are_counted_exactly():
    assert mcnemar_mid_p(4000, 4100) == pytest.approx(0.26654889060928, rel=1e-12)


def test_of_no_p_values_none_is_adjusted():
    assert holm([]) == []


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: clustered([]), "No differences: there is nothing to compute from. Are there cases that both"),
        (lambda: clustered([0.1, math.nan]), "Of the differences number 2 of 2 is nan, expected a finite number"),
        (lambda: clustered([-math.inf]), "number 1 of 1 is -inf"),
        (lambda: clustered([0.1, 0.2], ["a"]), "2 differences, but 1 clusters: give one of each per case."),
        (lambda: bootstrap([0.1, 0.2], resamples=10), "resamples=10: expected at least 100; 2,000 is usual."),
        (lambda: USUAL.interval(95), "confidence=95 is not between 0 and 1; did you mean 0.95?"),
        (lambda: USUAL.lower(1), "confidence=1 is not between 0 and 1."),
        (lambda: minimum_detectable(USUAL, power=0), "power=0 is not between 0 and 1."),
        (lambda: repeats_to_decide(USUAL, distance=0.1, noise=0.1, repeats=0), "repeats=0: expected how often"),
        (lambda: wilson(6, 5), "6 successes of 5: expected 0 ≤ successes ≤ n."),
        (lambda: unseen_share(0), "n=0: nothing was seen, so nothing is known; expected at least one case."),
        (lambda: mcnemar_mid_p(-1, 2), "only_a=-1 is no count of cases: expected 0, 1, 2, …"),
        (lambda: holm([0.5, math.nan]), "nan is no p value: expected a number from 0 to 1."),
        (lambda: pass_at_k(3, 4, 1), "4 of 3 tries passed: expected from 0 to all of them."),
        (lambda: pass_hat_k(3, 1, 4), "k=4 of 3 tries: expected from 1 to 3; for a larger k repeat the cases"),
        (lambda: student_cdf(math.nan, 3), "Student's t needs a number and degrees of freedom above 0, not t=nan"),
        (lambda: student_quantile(0.5, 0), "A quantile is asked for p from 0 to 1 and df above 0, not p=0.5, df=0."),
    ],
)
def test_what_has_no_answer_is_refused_with_what_was_expected(ask, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        ask()
