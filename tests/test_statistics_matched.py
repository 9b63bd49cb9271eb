"""The interval of two rates of the same cases."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kaizen_eval.evals.statistics import matched_difference, student_quantile

LAW = settings(max_examples=40)
COUNTS = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 200)).filter(lambda c: c[0] + c[1] <= c[2])


def likelihood_ratio_free_distance(only_a, only_b, n, difference):
    """Tango's statistic with the nuisance share found by trying, not by his quadratic."""

    def log_likelihood(share):
        probabilities = (share, share + difference, 1 - 2 * share - difference)
        counts = (only_a, only_b, n - only_a - only_b)
        return sum(c * math.log(p) if c else 0.0 for c, p in zip(counts, probabilities, strict=True))

    low, high = max(0.0, -difference) + 1e-12, (1 - difference) / 2 - 1e-12
    for _ in range(200):
        third = (high - low) / 3
        if log_likelihood(low + third) < log_likelihood(high - third):
            low += third
        else:
            high -= third
    return (only_b - only_a - n * difference) / math.sqrt(n * (2 * low + difference * (1 - difference)))


@LAW
@given(COUNTS)
def test_swapping_the_sides_negates_it(counts):
    only_a, only_b, n = counts
    low, high = matched_difference(only_a, only_b, n)
    assert matched_difference(only_b, only_a, n) == pytest.approx((-high, -low), abs=1e-9)


@LAW
@given(COUNTS)
def test_what_was_seen_lies_in_it(counts):
    low, high = matched_difference(*counts)
    assert -1 <= low <= (counts[1] - counts[0]) / counts[2] <= high <= 1


@LAW
@given(COUNTS, st.floats(0.5, 0.99))
def test_its_ends_are_where_the_score_test_just_rejects(counts, confidence):
    low, high = matched_difference(*counts, confidence)
    assume(-1 + 1e-6 < low < high < 1 - 1e-6)
    z = student_quantile((1 + confidence) / 2, math.inf)
    distances = [likelihood_ratio_free_distance(*counts, end) for end in (low, high)]
    assert distances == pytest.approx([z, -z], abs=1e-3)


@LAW
@given(st.integers(1, 10_000))
def test_without_flips_it_is_what_the_formula_says(n):
    z2 = student_quantile(0.975, math.inf) ** 2
    assert matched_difference(0, 0, n) == pytest.approx((-z2 / (n + z2), z2 / (n + z2)))


@pytest.mark.parametrize("counts", [(-1, 0, 3), (2, 2, 3), (0, 0, 0)])
def test_counts_must_be_counts(counts):
    with pytest.raises(ValueError, match="are no counts among"):
        matched_difference(*counts)
