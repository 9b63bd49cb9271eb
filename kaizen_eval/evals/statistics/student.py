"""Student's t distribution, for any degrees of freedom above 0."""

from __future__ import annotations

import math

from kaizen_eval.evals.statistics.incomplete_beta import beta_part, log_beta

__all__ = ["student_cdf", "student_quantile"]

_STEPS = 200
"""Newton's method needs 3 to 12 of them."""


def student_cdf(t: float, df: float) -> float:
    """The probability of at most t; `df=math.inf` is the normal distribution.

    By the incomplete beta function (Abramowitz & Stegun, 26.7.1). Small values on the left are as accurate, relatively,
    as those in the middle; for the right tail ask for `student_cdf(-t, df)`.

    Raises:
        ValueError: df is not above 0, or one of them is NaN.
    """
    if math.isnan(t) or not df > 0:
        raise ValueError(f"Student's t needs a number and degrees of freedom above 0, not t={t!r}, df={df!r}.")
    return _tail(-t, df) if t < 0 else 1 - _tail(t, df)


def student_quantile(p: float, df: float) -> float:
    """The t that `student_cdf` gives p for: minus infinity for 0, infinity for 1.

    Raises:
        ValueError: p is not from 0 to 1, or df is not above 0.
    """
    if not 0 <= p <= 1 or not df > 0:
        raise ValueError(f"A quantile is asked for p from 0 to 1 and df above 0, not p={p!r}, df={df!r}.")
    if p > 0.5:
        return -student_quantile(1 - p, df)
    if p in {0.0, 0.5}:
        return -math.inf if p == 0 else 0.0
    return -_right_of(p, df)


def _right_of(p: float, df: float) -> float:
    """The t above 0 whose tail is p, below one half. Newton's method on the logarithms of both, in which the tail of a
    t distribution is nearly straight; near the middle on what is missing to one half, which keeps its digits there.
    """
    normal = _normal_quantile(p)
    if math.isinf(df):
        return -normal
    in_the_middle = p > 0.25
    wanted, area, sign = (0.5 - p, _centre, 1.0) if in_the_middle else (p, _tail, -1.0)
    log_t = math.log(max(-normal, 1e-300))
    for _ in range(_STEPS):
        t = math.exp(log_t)
        found = area(t, df)
        step = math.log(found / wanted) * found / (sign * t * _density(t, df))
        log_t -= step
        if abs(step) < 1e-13:
            break
    return math.exp(log_t)


def _tail(t: float, df: float) -> float:
    """The probability of more than t, for t from 0 on."""
    if math.isinf(df):
        return 0.5 * math.erfc(t / math.sqrt(2))
    within, beyond = _shares(t, df)
    return 0.5 * beta_part(beyond, within, df / 2, 0.5)


def _centre(t: float, df: float) -> float:
    """The probability from 0 to t, for t from 0 on."""
    within, beyond = _shares(t, df)
    return 0.5 * beta_part(within, beyond, 0.5, df / 2)


def _shares(t: float, df: float) -> tuple[float, float]:
    """t² / (df + t²) and what is missing to 1, both with all their digits."""
    ratio = t * t / df
    return ratio / (1 + ratio), 1 / (1 + ratio)


def _density(t: float, df: float) -> float:
    return math.exp(-0.5 * (df + 1) * math.log1p(t * t / df) - 0.5 * math.log(df) - log_beta(df / 2, 0.5))


def _normal_quantile(p: float) -> float:
    from statistics import NormalDist  # noqa: PLC0415 - 11 ms

    return NormalDist().inv_cdf(p)
