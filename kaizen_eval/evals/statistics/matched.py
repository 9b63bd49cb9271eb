"""Two rates of the same cases: how far apart they may be."""

from __future__ import annotations

import math
from collections.abc import Callable

from kaizen_eval.evals.statistics.checked import checked_probability
from kaizen_eval.evals.statistics.estimate import Interval
from kaizen_eval.evals.statistics.student import student_quantile

__all__ = ["matched_difference"]

_STEPS = 60
"""Halvings: all digits that a float has."""


def matched_difference(only_a: int, only_b: int, n: int, confidence: float = 0.95) -> Interval:
    """Two-sided interval of the second rate less the first, where each case was rated twice, as right or wrong.

    Tango's score interval (Statistics in Medicine 17, 1998): the differences that the score test does not reject. It
    is asymmetric where few cases flipped, and of use where none did.

    Args:
        only_a: cases that only the first passed.
        only_b: cases that only the second passed.
        n: all cases.
        confidence: of both sides together; that of one bound is (1 + confidence) / 2.

    Raises:
        ValueError: counts below 0, more flips than cases, or no confidence between 0 and 1.
    """
    if not (only_a >= 0 and only_b >= 0 and n > 0 and only_a + only_b <= n):
        raise ValueError(f"only_a={only_a!r} and only_b={only_b!r} are no counts among n={n!r} cases.")
    z = student_quantile((1 + checked_probability(confidence, what="confidence")) / 2, math.inf)
    seen = (only_b - only_a) / n
    low = _crossing(lambda difference: _distance(only_a, only_b, n, difference) > z, -1.0, seen)
    high = _crossing(lambda difference: _distance(only_a, only_b, n, difference) > -z, seen, 1.0)
    return low, high


def _distance(only_a: int, only_b: int, n: int, difference: float) -> float:
    """From the difference to what was seen, in standard errors as they would be if it were true."""
    above = only_b - only_a - n * difference
    variance = n * (2 * _likeliest(only_a, only_b, n, difference) + difference * (1 - difference))
    return above / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, above) if above else 0.0


def _likeliest(only_a: int, only_b: int, n: int, difference: float) -> float:
    """The share that only the first passes, as it is likeliest if the difference were true."""
    b = -only_b - only_a + (2 * n - only_b + only_a) * difference
    c = -only_a * difference * (1 - difference)
    return (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)


def _crossing(is_below: Callable[[float], bool], low: float, high: float) -> float:
    """Where it ends to be true."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2
