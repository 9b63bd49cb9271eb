"""The mean of cases that are not independent of each other, with a standard error that knows it."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kaizen_eval.evals.statistics.checked import checked_values
from kaizen_eval.evals.statistics.estimate import Estimate

__all__ = ["Totals", "clustered", "estimated", "satterthwaite", "totals"]

_ROUNDING = 4 * sys.float_info.epsilon
"""Cases that are all equal differ from their mean by no more, relatively."""


@dataclass(frozen=True, slots=True)
class Totals:
    """All that matters of a cluster."""

    total: float
    n: int


def clustered(differences: Sequence[float], clusters: Sequence[str] | None = None) -> Estimate:
    """The mean of one number per case, such as the difference of two evaluations of it.

    Repeats of a case are averaged before: rows of one case are no independent evidence.

    Args:
        differences: one per case.
        clusters: the cluster of each; "", or None for all: the case is a cluster of its own. With nothing else this
            is the paired t test.

    Raises:
        ValueError: there are no cases, one's difference is not finite, or there are more or fewer clusters than cases.
    """
    return estimated(totals(differences, clusters))


def totals(differences: Sequence[float], clusters: Sequence[str] | None) -> list[Totals]:
    """Cases by cluster, in the order in which they came."""
    checked_values(differences)
    if clusters is None:
        return [Totals(float(value), 1) for value in differences]
    if len(clusters) != len(differences):
        raise ValueError(f"{len(differences)} differences, but {len(clusters)} clusters: give one of each per case.")
    values: dict[str | int, list[float]] = {}
    for at, (value, cluster) in enumerate(zip(differences, clusters, strict=True)):
        values.setdefault(cluster or at, []).append(value)
    return [Totals(math.fsum(each), len(each)) for each in values.values()]


def estimated(parts: Sequence[Totals]) -> Estimate:
    """The mean of all cases, and its standard error by what the clusters' totals differ from it.

    CR2 of Bell & McCaffrey (Survey Methodology 28, 2002): for a mean it comes down to 1 / (1 − the cluster's share of
    the cases) as the factor of each square.
    """
    n = sum(part.n for part in parts)
    mean = math.fsum(part.total for part in parts) / n
    if len(parts) == 1:
        return Estimate(mean=mean, standard_error=math.inf, df=0.0, n=n, clusters=1)
    squares = math.fsum((part.total - part.n * mean) ** 2 / (1 - part.n / n) for part in parts)
    rounding = math.fsum((_ROUNDING * part.total) ** 2 for part in parts)
    standard_error = math.sqrt(squares) / n if squares > rounding else 0.0
    df = satterthwaite((size / n, times) for size, times in Counter(part.n for part in parts).items())
    return Estimate(mean=mean, standard_error=standard_error, df=df, n=n, clusters=len(parts))


def satterthwaite(shares: Iterable[tuple[float, int]]) -> float:
    """Degrees of freedom for independent cases of equal variance (Bell & McCaffrey 2002).

    Args:
        shares: of all cases that a cluster has, and how many clusters have it.
    """
    counted = [(share, share * share / (1 - share), times) for share, times in shares]
    leverages = math.fsum(leverage * times for _, leverage, times in counted)
    off_diagonal = leverages**2 - math.fsum(leverage * leverage * times for _, leverage, times in counted)
    return 1 / (math.fsum(share * share * times for share, _, times in counted) + off_diagonal)
