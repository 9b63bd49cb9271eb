"""Which interval of a mean keeps its promise: what was considered before one was chosen.

    python benchmarks/interval_candidates.py [--simulations 10000] [--seed 1]

In nothing that is simulated here has anything changed: whatever misses 0 is a false alarm.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from false_alarms import DRAWS, EQUAL, UNEQUAL, Drawn, Scenario, passing, scoring
from scipy import stats

__all__ = ["by_draws", "by_errors"]

Array = np.ndarray
ONE_HUGE = (110, *(10,) * 9)
CHUNK = 250


def losing(chance: np.random.Generator, simulations: int, sizes: tuple[int, ...], effect: float) -> Drawn:
    """Of 100 cases 8 lose nearly all, the others gain a little."""
    shape = (simulations, sum(sizes), 1)
    differences = np.where(chance.random(shape) < 0.08, -0.9, 0.9 * 0.08 / 0.92) + chance.normal(0, 0.05, shape)
    return Drawn(np.zeros(shape), differences - effect)


CLUSTERED = (
    Scenario("10 unequal clusters, passed or failed", UNEQUAL, passing()),
    Scenario("the same, 5 repeats", UNEQUAL, passing(repeats=5)),
    Scenario("the same, scores of which clusters share half", UNEQUAL, scoring(alike=0.5)),
    Scenario("one cluster of 110, nine of 10, passed or failed", ONE_HUGE, passing()),
)
SKEWED = (
    Scenario("30 exponential differences", (1,) * 30, scoring(skewed=True)),
    Scenario("60 cases, 8 % of which lose nearly all", (1,) * 60, losing),
    Scenario("10 clusters, exponential", EQUAL, scoring(skewed=True, alike=0.5)),
    Scenario("8 normal differences", (1,) * 8, scoring()),
    Scenario("200 cases, nearly all pass", (1,) * 200, passing(rate=0.995)),
)


class Sums(NamedTuple):
    """Of simulations, by cluster."""

    sizes: Array
    means: Array
    residuals: Array
    """What a cluster's total differs by from that of as many average cases."""

    @property
    def shares(self) -> Array:
        return self.sizes / self.sizes.sum()


def sums(scenario: Scenario, differences: Array) -> Sums:
    sizes = np.array(scenario.sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    means = differences.mean(axis=1)
    return Sums(sizes, means, np.add.reduceat(differences, starts, axis=1) - sizes * means[:, None])


def satterthwaite(shares: Array, n: int, likeness: float) -> float:
    """Degrees of freedom of CR2 if cases of a cluster are that alike: Imbens & Kolesár 2016; of 0 Bell & McCaffrey."""
    weights = shares / np.sqrt(1 - shares)
    squares = (shares**2).sum()
    products = np.outer(weights, weights) * (
        likeness * (squares - shares[:, None] - shares[None, :]) - (1 - likeness) / n
    )
    diagonal = (1 - likeness) * shares / n + likeness * weights**2 * (1 - 2 * shares + squares)
    np.fill_diagonal(products, diagonal)
    return diagonal.sum() ** 2 / (products**2).sum()


def likenesses(differences: Array, found: Sums) -> Array:
    """Estimated by the analysis of variance, for each simulation."""
    n, groups = differences.shape[1], len(found.sizes)
    totals = found.residuals + found.sizes * found.means[:, None]
    between = (totals**2 / found.sizes).sum(axis=1) - n * found.means**2
    within = ((differences - found.means[:, None]) ** 2).sum(axis=1) - between
    size = (n - (found.sizes**2).sum() / n) / (groups - 1)
    apart, inside = between / (groups - 1), within / (n - groups)
    return np.clip((apart - inside) / (apart + (size - 1) * inside), 0, 1)


def by_errors(scenario: Scenario, differences: Array) -> Iterator[tuple[str, Array, Array | float]]:
    """Candidates: name, standard errors, degrees of freedom."""
    found, n, groups = sums(scenario, differences), differences.shape[1], len(scenario.sizes)
    shares, squares = found.shares, found.residuals**2
    yield "paired t", differences.std(axis=1, ddof=1) / np.sqrt(n), n - 1.0
    yield "CR1, G-1", np.sqrt(squares.sum(axis=1) * groups / (groups - 1)) / n, groups - 1.0
    cr2 = np.sqrt((squares / (1 - shares)).sum(axis=1)) / n
    yield "CR2, G-1", cr2, groups - 1.0
    yield "CR2, Bell-McCaffrey", cr2, satterthwaite(shares, n, 0.0)
    grid = np.linspace(0, 1, 101)
    dfs = [satterthwaite(shares, n, likeness) for likeness in grid]
    yield "CR2, Imbens-Kolesar", cr2, np.interp(likenesses(differences, found), grid, dfs)
    yield "CR2, all alike", cr2, dfs[-1]
    cr3 = np.sqrt((squares / (1 - shares) ** 2).sum(axis=1) * (groups - 1) / groups) / n
    yield "CR3, G-1", cr3, groups - 1.0


def by_draws(scenario: Scenario, differences: Array, chance: np.random.Generator) -> dict[str, tuple[Array, Array]]:
    """Candidates: the interval of each simulation, the second of which 0 is outside of is a false alarm."""
    found, groups = sums(scenario, differences), len(scenario.sizes)
    sizes, means, residuals = found
    n = sizes.sum()
    errors = np.sqrt((residuals**2 / (1 - found.shares)).sum(axis=1)) / n
    reach = stats.t.ppf(0.975, satterthwaite(found.shares, n, 0.0)) * errors
    counts = chance.multinomial(groups, [1 / groups] * groups, size=DRAWS).astype(float)
    drawn = counts @ sizes
    shifts = residuals @ counts.T / drawn
    by_t, by_ratio = (means - reach, means + reach), _percentile_t(found, errors, counts, shifts)
    ordered = np.sort(shifts, axis=1)
    low, high = np.quantile(ordered, [0.025, 0.975], axis=1)
    return {
        "t": by_t,
        "percentile": (means + low, means + high),
        "BCa": _bca(found, ordered),
        "percentile-t": by_ratio,
        "wider of t and percentile-t": (np.minimum(by_t[0], by_ratio[0]), np.maximum(by_t[1], by_ratio[1])),
    }


def _percentile_t(found: Sums, errors: Array, counts: Array, shifts: Array) -> tuple[Array, Array]:
    sizes, means, residuals = found
    n = counts @ sizes
    weights = np.divide(counts, 1 - sizes / n[:, None], out=np.zeros_like(counts), where=counts > 0).T
    squares = residuals**2 @ weights - 2 * shifts * ((residuals * sizes) @ weights) + shifts**2 * (sizes**2 @ weights)
    varied = squares > 1e-12
    ratios = np.where(varied, shifts * n / np.sqrt(np.where(varied, squares, 1)), 0)
    low, high = np.quantile(ratios, [0.025, 0.975], axis=1)
    return means - high * errors, means - low * errors


def _bca(found: Sums, ordered: Array) -> tuple[Array, Array]:
    """Efron & Tibshirani 1993, 14.3; ties count by half."""
    below = ((ordered < 0).mean(axis=1) + (ordered <= 0).mean(axis=1)) / 2
    bias = stats.norm.ppf(np.clip(below, 1 / DRAWS, 1 - 1 / DRAWS))
    left_out = -found.residuals / (found.sizes.sum() - found.sizes)
    pulls = left_out.mean(axis=1, keepdims=True) - left_out
    pull = (pulls**3).sum(axis=1) / (6 * (pulls**2).sum(axis=1) ** 1.5 + 1e-300)
    rows, ends = np.arange(len(ordered)), []
    for z in stats.norm.ppf([0.025, 0.975]):
        level = stats.norm.cdf(bias + (bias + z) / (1 - pull * (bias + z)))
        place = np.clip((level * (DRAWS + 1) - 1).round().astype(int), 0, DRAWS - 1)
        ends.append(found.means + ordered[rows, place])
    return ends[0], ends[1]


def errors_rows(simulations: int, chance: np.random.Generator) -> Iterator[Sequence[str]]:
    for scenario in CLUSTERED:
        differences = scenario.draw(chance, simulations, scenario.sizes, 0.0).differences
        means = differences.mean(axis=1)
        candidates = list(by_errors(scenario, differences))
        alarms = [(np.abs(means) > stats.t.ppf(0.975, df) * error).mean() for _, error, df in candidates]
        yield [
            scenario.name,
            *(f"{name}: {100 * alarm:.1f}" for (name, _, _), alarm in zip(candidates, alarms, strict=True)),
        ]


def draws_rows(simulations: int, chance: np.random.Generator) -> Iterator[Sequence[str]]:
    for scenario in SKEWED:
        differences = scenario.draw(chance, simulations, scenario.sizes, 0.0).differences
        parts = [
            by_draws(scenario, differences[start : start + CHUNK], chance) for start in range(0, simulations, CHUNK)
        ]
        cells = []
        for name in parts[0]:
            above = np.concatenate([part[name][0] > 1e-12 for part in parts]).mean()
            below = np.concatenate([part[name][1] < -1e-12 for part in parts]).mean()
            cells.append(f"{name}: {100 * above:.1f} + {100 * below:.1f}")
        yield [scenario.name, *cells]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = np.random.default_rng(asked.seed)
    print("False alarms at 5 %, two-sided, by standard error and degrees of freedom (G: clusters):")
    for cells in errors_rows(asked.simulations, chance):
        print("\n  ".join(cells), flush=True)
    print("\nFalse alarms at 2.5 % on each side, above + below 0, by what is drawn:")
    for cells in draws_rows(asked.simulations, chance):
        print("\n  ".join(cells), flush=True)


if __name__ == "__main__":
    main()
