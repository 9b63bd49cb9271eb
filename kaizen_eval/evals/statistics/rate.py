"""One rate, such as how many cases pass, with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kaizen_eval.evals.statistics.checked import checked_probability
from kaizen_eval.evals.statistics.clustering import satterthwaite
from kaizen_eval.evals.statistics.estimate import Interval
from kaizen_eval.evals.statistics.student import student_quantile

__all__ = ["effective_cases", "unseen_share", "wilson"]


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a rate (E. B. Wilson, JASA 22, 1927; recommended by Brown, Cai & DasGupta 2001).

    Always within 0 and 1, and of use also where all passed. Nothing counted (n = 0): from 0 to 1. It takes cases as
    independent: repeats of a case are not; give the sum of the cases' own rates, and the number of cases.

    Raises:
        ValueError: not 0 ≤ successes ≤ n, or no confidence between 0 and 1.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes!r} successes of {n!r}: expected 0 ≤ successes ≤ n.")
    z = student_quantile((1 + checked_probability(confidence, what="confidence")) / 2, math.inf)
    if n == 0:
        return 0.0, 1.0
    rate, spread = successes / n, z * z / n
    middle = (rate + spread / 2) / (1 + spread)
    reach = z * math.sqrt(rate * (1 - rate) / n + spread / n / 4) / (1 + spread)
    return (0.0 if successes == 0 else middle - reach), (1.0 if successes == n else middle + reach)


def effective_cases(
    rate: float, clusters: Sequence[tuple[float, int]], *, alone: int = 0, confidence: float = 0.95
) -> float:
    """How many independent cases would tell as much of a rate: what `wilson` takes for n where cases have clusters.

    The variance of one case over the cluster-robust variance of the rate (CR2, as in `clustered`), times (z / t)² for
    what is due to few clusters (Korn & Graubard, Survey Methodology 24, 1998). Never more than there are cases, nor
    less than if all cases of a cluster were alike: 1 / the sum of the squared shares, the number of equal clusters.

    Args:
        rate: of all cases.
        clusters: of each: how many of its cases passed, and how many it has.
        alone: cases that are a cluster of their own.
        confidence: of the interval that is made of it.
    """
    n, groups = alone + sum(cases for _, cases in clusters), alone + len(clusters)
    if groups in {1, n}:
        return groups
    of_one = rate * (1 - rate)
    squares = math.fsum((passed - cases * rate) ** 2 / (1 - cases / n) for passed, cases in clusters)
    squares += alone * of_one / (1 - 1 / n)
    shares = [*((cases / n, 1) for _, cases in clusters), (1 / n, alone)]
    fewest = 1 / math.fsum(share * share * times for share, times in shares)
    if not squares:
        return fewest
    p = (1 + checked_probability(confidence, what="confidence")) / 2
    few = (student_quantile(p, math.inf) / student_quantile(p, satterthwaite(shares))) ** 2
    return min(n, max(fewest, of_one * n**2 / squares * few))


def unseen_share(n: int, confidence: float = 0.95) -> float:
    """How large a share of all cases may be of a kind that none of n independent ones is, at most.

    1 − (1 − confidence)^(1/n): Clopper and Pearson's one-sided bound for 0 of n; about 3/n ("rule of three", Hanley &
    Lippman-Hand 1983). What an interval of width 0 hides: none of 20 cases differs, and still one in 7 may.

    Raises:
        ValueError: n is not above 0, or no confidence between 0 and 1.
    """
    if n < 1:
        raise ValueError(f"n={n!r}: nothing was seen, so nothing is known; expected at least one case.")
    return -math.expm1(math.log1p(-checked_probability(confidence, what="confidence")) / n)
