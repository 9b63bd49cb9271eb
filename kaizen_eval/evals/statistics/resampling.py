"""An interval of a mean that assumes no shape: clusters drawn again and again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random

from kaizen_eval.evals.statistics.checked import checked_probability
from kaizen_eval.evals.statistics.clustering import Totals, estimated, totals
from kaizen_eval.evals.statistics.estimate import Interval

__all__ = ["bootstrap"]


def bootstrap(
    differences: Sequence[float],
    clusters: Sequence[str] | None = None,
    *,
    seed: int = 0,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> Interval:
    """Two-sided percentile-t interval (Efron & Tibshirani 1993, 12.5): whole clusters are drawn with replacement, each
    draw's mean is taken in its own standard errors, as in `clustered`. The same seed gives the same interval.

    For skewed figures. With few different values, such as passed and failed, it can come out too short: take the wider
    of it and `Estimate.interval`, on each side.

    Raises:
        ValueError: as `clustered`; or fewer than 100 resamples.
    """
    checked_probability(confidence, what="confidence")
    if resamples < 100:
        raise ValueError(f"resamples={resamples!r}: expected at least 100; 2,000 is usual.")
    parts = totals(differences, clusters)
    estimate = estimated(parts)
    if estimate.standard_error in {0.0, math.inf}:
        return estimate.interval(confidence)
    ratios = _ratios(tuple(parts), estimate.mean, seed, resamples)
    low, high = _quantile(ratios, (1 - confidence) / 2), _quantile(ratios, (1 + confidence) / 2)
    return estimate.mean - high * estimate.standard_error, estimate.mean - low * estimate.standard_error


@lru_cache(maxsize=4)  # the same data are asked for a two-sided interval and for a bound
def _ratios(parts: tuple[Totals, ...], mean: float, seed: int, resamples: int) -> tuple[float, ...]:
    """Each draw's distance from the mean in its own standard errors, in order; 0 where it drew only one kind."""
    random = Random(seed)  # noqa: S311 - no secret
    residuals = [(part.total - part.n * mean, part.n) for part in parts]
    nothing = (1e-12 * max(abs(residual) for residual, _ in residuals)) ** 2
    drawn = (_ratio(random.choices(residuals, k=len(residuals)), nothing) for _ in range(resamples))
    return tuple(sorted(drawn))


def _ratio(drawn: Sequence[tuple[float, int]], nothing: float) -> float:
    """As by `estimated`, in a third of its time."""
    n = sum([size for _, size in drawn])
    total = sum([residual for residual, _ in drawn])
    shift = total / n
    squares = sum([(residual - size * shift) ** 2 / (1 - size / n) for residual, size in drawn])
    return total / math.sqrt(squares) if squares > nothing else 0.0


def _quantile(ordered: Sequence[float], p: float) -> float:
    """Weibull's: the (N + 1)·p-th, between two of them by their distance."""
    place = p * (len(ordered) + 1) - 1
    below = min(max(math.floor(place), 0), len(ordered) - 2)
    return ordered[below] + (ordered[below + 1] - ordered[below]) * min(max(place - below, 0.0), 1.0)
