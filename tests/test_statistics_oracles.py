"""Statistics of evaluations beside scipy and statsmodels."""

from __future__ import annotations

import itertools
import random
from types import SimpleNamespace

import pytest

from kaizen_eval.evals.statistics import (
    bootstrap,
    clustered,
    holm,
    mcnemar_mid_p,
    minimum_detectable,
    student_cdf,
    student_quantile,
    wilson,
)

SIZES = (30, 1, 7, 2, 2, 12, 1)
DFS = (1.0, 1.5, 2.0, 3.7, 9.0, 30.5, 99.0, 1234.5, 1e5, 1e6)


@pytest.fixture(scope="module")
def oracles():
    """Imported here, once: they take seconds."""
    import numpy as np  # noqa: PLC0415
    from scipy import stats  # noqa: PLC0415
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415
    from statsmodels.stats.contingency_tables import mcnemar  # noqa: PLC0415
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415
    from statsmodels.stats.power import TTestPower  # noqa: PLC0415
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415

    return SimpleNamespace(
        np=np,
        stats=stats,
        OLS=OLS,
        mcnemar=mcnemar,
        multipletests=multipletests,
        TTestPower=TTestPower,
        proportion_confint=proportion_confint,
    )


def sample(sizes, seed=1):
    """Values, and a cluster for each, that shifts them."""
    chance = random.Random(seed)
    shifts = [chance.gauss(0, 0.5) for _ in sizes]
    clusters = [str(at) for at, size in enumerate(sizes) for _ in range(size)]
    return [shifts[int(cluster)] + chance.gauss(0, 1) for cluster in clusters], clusters


def test_the_t_distribution_is_scipys(oracles):
    points = [sign * t for sign in (-1, 1) for t in (1e-3, 0.1, 0.9, 1.96, 5.0, 30.0)]
    asked = [(t, df) for t, df in itertools.product(points, DFS)]
    expected = [float(oracles.stats.t.cdf(t, df)) for t, df in asked]
    kept = [(pair, value) for pair, value in zip(asked, expected, strict=True) if value > 1e-290]
    assert [student_cdf(*pair) for pair, _ in kept] == pytest.approx([value for _, value in kept], rel=1e-12, abs=0)


def test_the_quantiles_are_scipys(oracles):
    asked = list(itertools.product((1e-12, 0.001, 0.025, 0.2, 0.3, 0.49, 0.8, 0.975, 0.9995), DFS))
    expected = [float(oracles.stats.t.ppf(p, df)) for p, df in asked]
    assert [student_quantile(p, df) for p, df in asked] == pytest.approx(expected, rel=1e-10, abs=0)


def test_cases_without_clusters_are_the_paired_t_test(oracles):
    before, _ = sample([1] * 25, seed=2)
    after, _ = sample([1] * 25, seed=3)
    estimate = clustered([b - a for a, b in zip(before, after, strict=True)])
    expected = oracles.stats.ttest_rel(after, before)
    assert estimate.p_value() == pytest.approx(expected.pvalue, rel=1e-10)
    assert estimate.interval(0.9) == pytest.approx(tuple(expected.confidence_interval(0.9)), rel=1e-10)
    one_sided = oracles.stats.ttest_rel(after, before, alternative="greater")
    assert estimate.p_above() == pytest.approx(one_sided.pvalue, rel=1e-10)
    assert estimate.lower() == pytest.approx(one_sided.confidence_interval(0.95).low, rel=1e-10)


def test_equal_clusters_have_the_robust_error_of_statsmodels(oracles):
    """It corrects by G / (G − 1), which for equal clusters is the same as ours."""
    values, clusters = sample([6] * 9)
    groups = oracles.np.array([int(cluster) for cluster in clusters])
    fit = oracles.OLS(oracles.np.array(values), oracles.np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": groups}
    )
    estimate = clustered(values, clusters)
    assert (estimate.mean, estimate.standard_error) == pytest.approx((fit.params[0], fit.bse[0]), rel=1e-10)
    assert estimate.df == pytest.approx(8)


def test_unequal_clusters_have_the_error_and_df_that_the_matrices_of_the_paper_give(oracles):
    np = oracles.np
    values, clusters = sample(SIZES)
    n, groups = len(values), np.array([int(cluster) for cluster in clusters])
    residual_maker = np.eye(n) - np.full((n, n), 1 / n)
    weights = []
    for group in range(len(SIZES)):
        rows = groups == group
        eigenvalues, vectors = np.linalg.eigh(residual_maker[np.ix_(rows, rows)])
        adjusted = vectors @ np.diag(eigenvalues**-0.5) @ vectors.T
        weights.append(residual_maker[:, rows] @ adjusted @ np.ones(rows.sum()) / n)
    columns = np.array(weights).T
    spread = np.linalg.eigvalsh(columns.T @ columns)
    estimate = clustered(values, clusters)
    assert estimate.standard_error == pytest.approx(np.sqrt(((columns.T @ values) ** 2).sum()), rel=1e-10)
    assert estimate.df == pytest.approx(spread.sum() ** 2 / (spread**2).sum(), rel=1e-10)


def test_wilsons_interval_is_that_of_statsmodels(oracles):
    asked = [(0, 7), (7, 7), (3, 10), (150, 200)]
    expected = [oracles.proportion_confint(*each, alpha=0.1, method="wilson") for each in asked]
    found = [wilson(*each, confidence=0.9) for each in asked]
    assert found == [pytest.approx(tuple(map(float, each)), rel=1e-10, abs=1e-15) for each in expected]


def test_mid_p_is_the_exact_test_of_statsmodels_less_half_of_what_was_observed(oracles):
    for only_a, only_b in [(4, 0), (3, 9), (40, 61), (0, 1)]:
        exact = oracles.mcnemar([[50, only_a], [only_b, 50]], exact=True).pvalue
        observed = oracles.stats.binom.pmf(min(only_a, only_b), only_a + only_b, 0.5)
        assert mcnemar_mid_p(only_a, only_b) == pytest.approx(float(exact - observed), rel=1e-10)


def test_holm_is_that_of_statsmodels(oracles):
    p_values = [0.04, 0.001, 0.3, 0.012, 0.012, 0.9]
    expected = oracles.multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(expected.tolist(), rel=1e-12)


@pytest.mark.parametrize(("n", "tolerance"), [(10, 0.02), (50, 0.005), (200, 0.001)])
def test_what_is_detectable_is_what_the_noncentral_t_distribution_finds(oracles, n, tolerance):
    values, _ = sample([1] * n)
    estimate = clustered(values)
    deviation = estimate.standard_error * n**0.5
    expected = oracles.TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8) * deviation
    assert minimum_detectable(estimate) == pytest.approx(expected, rel=tolerance)


def test_a_bootstrap_comes_near_to_all_draws_that_there_are(oracles):
    """Of five unequal clusters there are 3,125; each of them in numpy, by the definition."""
    np = oracles.np
    sizes, totals = np.array([1, 2, 2, 4, 3]), np.array([0.9, -0.4, 2.0, 1.0, 5.0])
    draws = np.array(list(itertools.product(range(5), repeat=5)))
    drawn, counts = totals[draws], sizes[draws]
    n = counts.sum(axis=1, keepdims=True)
    means = drawn.sum(axis=1, keepdims=True) / n
    errors = np.sqrt(((drawn - counts * means) ** 2 / (1 - counts / n)).sum(axis=1)) / n[:, 0]
    varied = errors > 1e-12
    ratios = np.where(varied, (means[:, 0] - 0.708333333333333333) / np.where(varied, errors, 1), 0)
    values = [total / size for total, size in zip(totals, sizes, strict=True) for _ in range(size)]
    clusters = [str(at) for at, size in enumerate(sizes) for _ in range(size)]
    estimate = clustered(values, clusters)
    low, high = np.quantile(ratios, [0.1, 0.9])
    expected = (estimate.mean - high * estimate.standard_error, estimate.mean - low * estimate.standard_error)
    assert bootstrap(values, clusters, seed=5, resamples=20_000, confidence=0.8) == pytest.approx(expected, rel=0.05)
