"""Two ratings of the same cases as right or wrong: what the cases that flipped say."""

from __future__ import annotations

import math

from kaizen_eval.evals.statistics.checked import checked_probability
from kaizen_eval.evals.statistics.estimate import Interval
from kaizen_eval.evals.statistics.student import student_quantile

__all__ = ["difference_of_rates", "mcnemar_mid_p"]

_HALVINGS = 60
"""To the last digit."""


def mcnemar_mid_p(only_a: int, only_b: int) -> float:
    """Two-sided p value of McNemar's test, exact with the mid-p correction.

    Cases that both passed, or both failed, say nothing; of the others each would be a coin's toss if neither side were
    better. Mid-p (Fagerland, Lydersen & Laake, BMC Medical Research Methodology 13:91, 2013) counts the observed
    result by half: the exact test is far too cautious, the asymptotic one too bold.

    Args:
        only_a: cases that only the first passed.
        only_b: cases that only the second passed.

    Raises:
        ValueError: one is negative, or no integer.
    """
    _check(only_a, only_b)
    n, fewer = only_a + only_b, min(only_a, only_b)
    if only_a == only_b:
        return 1.0
    tosses, below = 1, 0  # outcomes of n tosses with exactly k heads, and with fewer
    for k in range(fewer):
        below += tosses
        tosses = tosses * (n - k) // (k + 1)
    return (2 * below + tosses) / (1 << n)


def difference_of_rates(only_a: int, only_b: int, n: int, confidence: float = 0.95) -> Interval:
    """Two-sided interval of the second's rate less the first's: of as many flips, of n cases tried once by each.

    Tango's score interval (Statistics in Medicine 17, 1998): the differences that its test does not reject, with what
    is likeliest beside each of them. Unlike a t interval it has a width where nothing flipped, and keeps its promise
    where nearly all cases pass. For a one-sided bound of 95 % ask for a confidence of 0.9.

    Raises:
        ValueError: a count is negative or no integer, there are more flips than cases, or no case.
    """
    _check(only_a, only_b)
    if n < 1 or only_a + only_b > n:
        raise ValueError(f"{only_a + only_b!r} flips of n={n!r} cases: expected at least one case, and no more flips.")
    z = student_quantile((1 + checked_probability(confidence, what="confidence")) / 2, math.inf)
    return _lowest(only_b, only_a, n, z), -_lowest(only_a, only_b, n, z)


def _lowest(gained: int, lost: int, n: int, z: float) -> float:
    """The smallest difference that is not rejected, by halving what is left: the statistic falls all the way."""
    low, high = -1.0, (gained - lost) / n
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _score(gained, lost, n, middle) > z:
            low = middle
        else:
            high = middle
    return high


def _score(gained: int, lost: int, n: int, difference: float) -> float:
    """How far the counts are from this difference, in standard errors; `losing` is the likeliest rate of losses."""
    spread = difference * (1 - difference)
    b = (2 * n - gained + lost) * difference - gained - lost
    losing = (math.sqrt(max(0.0, b * b + 8 * n * lost * spread)) - b) / (4 * n)
    variance = n * (2 * losing + spread)
    return (gained - lost - n * difference) / math.sqrt(variance) if variance > 0 else math.inf


def _check(only_a: int, only_b: int) -> None:
    for name, count in (("only_a", only_a), ("only_b", only_b)):
        if count != int(count) or count < 0:
            raise ValueError(f"{name}={count!r} is no count of cases: expected 0, 1, 2, …")
