"""How often comparisons cry wolf, and how often they see a wolf: ours beside what people usually do.

    python benchmarks/false_alarms.py [--simulations 10000] [--seed 1]

Each simulation draws two evaluations of the same cases. In half of them nothing has changed, and whoever says so 5 % of
the time otherwise keeps the promise of "95 %"; in the other half the second one is 5 points worse. Simulations are
computed in numpy; a sample of each is held against `kaizen_eval.evals.statistics`, which knows no numpy.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats

from kaizen_eval.evals.statistics import bootstrap, clustered, matched_difference, mcnemar_mid_p

__all__ = ["SCENARIOS", "Drawn", "Scenario", "rejections"]

EFFECT = 0.05
DRAWS = 2000
CHUNK = 500
SAMPLE = 20
EQUAL = (20,) * 10
UNEQUAL = (60, 40, 25, 20, 15, 12, 10, 8, 6, 4)
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Drawn:
    """Two evaluations, so many times: simulations × cases × repeats each."""

    a: Array
    b: Array

    @property
    def differences(self) -> Array:
        return self.b.mean(axis=2) - self.a.mean(axis=2)


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    sizes: tuple[int, ...]
    """Of the clusters; all 1: cases are independent."""
    draw: Callable[[np.random.Generator, int, tuple[int, ...], float], Drawn]
    """Of a generator, simulations, sizes, the effect."""
    is_single: bool = False
    """One trial each, passed or failed, of independent cases: McNemar's test can be used."""
    is_skewed: bool = False

    @property
    def draws_clusters(self) -> bool:
        """Whether compare holds a bootstrap beside the t interval."""
        return self.is_skewed or len(self.sizes) < 30


def passing(*, rate: float = 0.8, repeats: int = 1, apart: float = 0.5, spread: float = 0.5) -> Callable[..., Drawn]:
    """Passed or failed. Documents are hard or easy, cases too; each version has own strengths.

    Args:
        rate: of passing, about.
        repeats: of each case.
        apart: how much versions differ by cluster, on the log-odds scale.
        spread: how much by case.
    """

    def draw(chance: np.random.Generator, simulations: int, sizes: tuple[int, ...], effect: float) -> Drawn:
        n = sum(sizes)
        hard = _by_cluster(chance, simulations, sizes, 0.7) + chance.normal(0, 1, (simulations, n))
        sides = []
        for loss in (0.0, effect):
            strengths = _by_cluster(chance, simulations, sizes, apart) + chance.normal(0, spread, (simulations, n))
            p = 1 / (1 + np.exp(-(np.log(rate / (1 - rate)) + hard + strengths)))
            rows = chance.random((simulations, n, repeats)) < p[:, :, None]
            spoilt = chance.random(rows.shape) < loss / p.mean()
            sides.append((rows & ~spoilt).astype(float))
        return Drawn(*sides)

    return draw


def scoring(*, alike: float = 0.0, skewed: bool = False, deviation: float = 0.3) -> Callable[..., Drawn]:
    """Scores. Skewed: most cases gain a little, and few lose much.

    Args:
        alike: the part of the variance of differences that clusters share.
        skewed: whether differences are exponential, instead of normal.
        deviation: of differences.
    """

    def noise(chance: np.random.Generator, shape: tuple[int, int]) -> Array:
        return 1 - chance.exponential(size=shape) if skewed else chance.normal(size=shape)

    def draw(chance: np.random.Generator, simulations: int, sizes: tuple[int, ...], effect: float) -> Drawn:
        n = sum(sizes)
        shared = np.repeat(noise(chance, (simulations, len(sizes))), sizes, axis=1)
        own = noise(chance, (simulations, n))
        differences = deviation * (np.sqrt(alike) * shared + np.sqrt(1 - alike) * own) - effect
        a = chance.normal(0.6, 0.2, (simulations, n))
        return Drawn(a[:, :, None], (a + differences)[:, :, None])

    return draw


def _by_cluster(chance: np.random.Generator, simulations: int, sizes: tuple[int, ...], deviation: float) -> Array:
    if max(sizes) == 1:
        return np.zeros((simulations, len(sizes)))
    return np.repeat(chance.normal(0, deviation, (simulations, len(sizes))), sizes, axis=1)


SCENARIOS = (
    Scenario("200 cases, passed or failed", (1,) * 200, passing(), is_single=True),
    Scenario("200 cases, nearly all pass", (1,) * 200, passing(rate=0.995), is_single=True),
    Scenario("100 cases, 5 repeats", (1,) * 100, passing(repeats=5, spread=3.0)),
    Scenario("200 cases in 10 clusters", EQUAL, passing()),
    Scenario("200 in 10 unequal clusters", UNEQUAL, passing()),
    Scenario("200 in 10 unequal clusters, 5 repeats", UNEQUAL, passing(repeats=5)),
    Scenario("200 scores", (1,) * 200, scoring()),
    Scenario("200 scores in 10 unequal clusters", UNEQUAL, scoring(alike=0.2)),
    Scenario("30 skewed scores", (1,) * 30, scoring(skewed=True), is_skewed=True),
    Scenario("200 skewed scores, 10 clusters", EQUAL, scoring(skewed=True, alike=0.2), is_skewed=True),
    Scenario("200 skewed, 10 unequal clusters", UNEQUAL, scoring(skewed=True, alike=0.2), is_skewed=True),
)


def rejections(scenario: Scenario, drawn: Drawn, chance: np.random.Generator) -> dict[str, Array]:
    """By method, for each simulation: whether "nothing has changed" is rejected at 5 %, two-sided."""
    differences = drawn.differences
    found = {
        "unpaired z": _unpaired_z(drawn),
        "pooled rows": _paired_t((drawn.b - drawn.a).reshape(len(differences), -1)),
        "paired t": _paired_t(differences),
    }
    low, high = bounds(scenario, differences, chance, 0.95)
    found["ours"] = (low > 0) | (high < 0)
    if scenario.is_single:
        found["ours"] &= np.array([mcnemar_mid_p(*each) <= 0.05 for each in _flips(differences)])
    return found


def bounds(
    scenario: Scenario, differences: Array, chance: np.random.Generator, confidence: float
) -> tuple[Array, Array]:
    """Of the cluster-robust t; widened by the score interval of flips where each case was tried once, and by the
    bootstrap where clusters are few or skewed.
    """
    low, high = _by_t(scenario, differences, confidence)
    if scenario.is_single:
        by_flips = _by_flips(differences, confidence)
        return np.minimum(low, by_flips[0]), np.maximum(high, by_flips[1])
    if not scenario.draws_clusters:
        return low, high
    drawn = [_by_draws(scenario, part, chance, confidence) for part in _chunks(differences)]
    return (
        np.minimum(low, np.concatenate([each[0] for each in drawn])),
        np.maximum(high, np.concatenate([each[1] for each in drawn])),
    )


def _unpaired_z(drawn: Drawn) -> Array:
    """Of the cases' means, as though the two versions had been asked different questions."""
    a, b = drawn.a.mean(axis=2), drawn.b.mean(axis=2)
    error = np.sqrt((a.var(axis=1, ddof=1) + b.var(axis=1, ddof=1)) / a.shape[1])
    return np.abs(b.mean(axis=1) - a.mean(axis=1)) > stats.norm.ppf(0.975) * error


def _paired_t(rows: Array) -> Array:
    n = rows.shape[1]
    error = rows.std(axis=1, ddof=1) / np.sqrt(n)
    return np.abs(rows.mean(axis=1)) > stats.t.ppf(0.975, n - 1) * error


def _totals(scenario: Scenario, differences: Array) -> tuple[Array, Array, Array]:
    """Sizes; means; what each cluster's total differs by from that of as many average cases."""
    sizes = np.array(scenario.sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    means = differences.mean(axis=1)
    return sizes, means, np.add.reduceat(differences, starts, axis=1) - sizes * means[:, None]


def _errors(sizes: Array, residuals: Array) -> Array:
    n = sizes.sum()
    return np.sqrt((residuals**2 / (1 - sizes / n)).sum(axis=1)) / n


def _by_t(scenario: Scenario, differences: Array, confidence: float) -> tuple[Array, Array]:
    sizes, means, residuals = _totals(scenario, differences)
    shares = sizes / sizes.sum()
    leverages = shares**2 / (1 - shares)
    df = 1 / ((shares**2).sum() + leverages.sum() ** 2 - (leverages**2).sum())
    reach = stats.t.ppf((1 + confidence) / 2, df) * _errors(sizes, residuals)
    return means - reach, means + reach


def _by_draws(
    scenario: Scenario, differences: Array, chance: np.random.Generator, confidence: float
) -> tuple[Array, Array]:
    """The percentile-t interval; a chunk of simulations shares its draws."""
    sizes, means, residuals = _totals(scenario, differences)
    clusters = len(sizes)
    counts = chance.multinomial(clusters, [1 / clusters] * clusters, size=DRAWS).astype(float)
    n = counts @ sizes
    shifts = residuals @ counts.T / n
    weights = np.divide(counts, 1 - sizes / n[:, None], out=np.zeros_like(counts), where=counts > 0).T
    squares = residuals**2 @ weights - 2 * shifts * ((residuals * sizes) @ weights) + shifts**2 * (sizes**2 @ weights)
    varied = squares > 1e-12
    ratios = np.where(varied, shifts * n / np.sqrt(np.where(varied, squares, 1)), 0)
    low, high = np.quantile(ratios, [(1 - confidence) / 2, (1 + confidence) / 2], axis=1, method="weibull")
    errors = _errors(sizes, residuals)
    return means - high * errors, means - low * errors


def _flips(differences: Array) -> Iterator[tuple[int, int]]:
    """Cases that only the first passed, and only the second."""
    return zip((differences < 0).sum(axis=1).tolist(), (differences > 0).sum(axis=1).tolist(), strict=True)


def _by_flips(differences: Array, confidence: float) -> tuple[Array, Array]:
    interval = cache(lambda *flips: matched_difference(*flips, differences.shape[1], confidence))
    low, high = zip(*(interval(*flips) for flips in _flips(differences)), strict=True)
    return np.array(low), np.array(high)


def _chunks(rows: Array) -> Iterator[Array]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def check_sample(scenario: Scenario, differences: Array, chance: np.random.Generator) -> None:
    """The first simulations, by what users run.

    Raises:
        AssertionError: it says something else than numpy; of a bootstrap, by more than its draws explain.
    """
    clusters = [str(at) for at, size in enumerate(scenario.sizes) for _ in range(size)]
    low, high = _by_t(scenario, differences[:SAMPLE], 0.95)
    for at, values in enumerate(differences[:SAMPLE].tolist()):
        np.testing.assert_allclose(clustered(values, clusters).interval(), (low[at], high[at]), atol=1e-9)
    if scenario.draws_clusters:
        ours = np.array([bootstrap(values, clusters, seed=1) for values in differences[:SAMPLE].tolist()])
        theirs = np.array(_by_draws(scenario, differences[:SAMPLE], chance, 0.95)).T
        widths = theirs[:, 1] - theirs[:, 0]
        assert np.median(np.abs(ours - theirs) / widths[:, None]) < 0.1, scenario.name  # noqa: S101 - its job


def row(scenario: Scenario, simulations: int, chance: np.random.Generator) -> list[str]:
    same = scenario.draw(chance, simulations, scenario.sizes, 0.0)
    check_sample(scenario, same.differences, chance)
    worse = scenario.draw(chance, simulations, scenario.sizes, EFFECT)
    alarms, seen = rejections(scenario, same, chance), rejections(scenario, worse, chance)
    cells = [f"{_percent(alarms[name])} / {_percent(seen[name])}" for name in alarms]
    if same.a.shape[2] == 1:
        cells[1] = ""
    lower, _ = bounds(scenario, worse.differences, chance, 0.9)  # its lower end is the one-sided bound of 95 %
    return [scenario.name, *cells, _percent(lower > -EFFECT)]


def _percent(happened: Array) -> str:
    return f"{100 * happened.mean():.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance, began = np.random.default_rng(asked.seed), time.process_time()
    heads = ["false alarms / 5 points worse seen, %", "unpaired z", "pooled rows", "paired t", "ours", "wrongly passed"]
    print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    for scenario in SCENARIOS:
        print("| " + " | ".join(row(scenario, asked.simulations, chance)) + " |", flush=True)
    print(f"\n{asked.simulations:,} simulations of each, {time.process_time() - began:.0f} s of CPU.")


if __name__ == "__main__":
    main()
