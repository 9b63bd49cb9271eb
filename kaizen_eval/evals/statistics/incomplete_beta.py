"""The regularised incomplete beta function, from which the t distribution is made."""

from __future__ import annotations

import math

__all__ = ["beta_part", "log_beta"]

_TINY = 1e-300
_TERMS = 100_000
"""Far more than are needed: about the square root of the larger parameter."""
_LARGE = 15.0
"""From here on the series of Stirling's correction has all digits."""


def beta_part(x: float, rest: float, a: float, b: float) -> float:
    """I_x(a, b): which part of the beta function lies below x. `rest` is 1 − x, given so that no digits are lost.

    By the continued fraction of Didonato & Morris (Algorithm 708, ACM TOMS 18, 1992, equation 9), on the side where it
    converges quickly, evaluated by Lentz's method (Press et al., Numerical Recipes, 3rd ed., 5.2).
    """
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_part(rest, x, b, a)
    front = math.exp(a * _log(x, rest) + b * _log(rest, x) - log_beta(a, b))
    return front / _continued_fraction(x, rest, a, b)


def log_beta(a: float, b: float) -> float:
    """The logarithm of B(a, b), by Stirling's formula cancelled on paper: two huge lgammas would leave no digits."""
    small, large = min(a, b), max(a, b)
    if large < _LARGE:
        return math.lgamma(small) + math.lgamma(large) - math.lgamma(small + large)
    total = small + large
    return (
        math.lgamma(small)
        + small
        - small * math.log(total)
        - (large - 0.5) * math.log1p(small / large)
        + _stirling_correction(large)
        - _stirling_correction(total)
    )


def _log(x: float, rest: float) -> float:
    return math.log1p(-rest) if rest < 0.5 else math.log(x)


def _stirling_correction(z: float) -> float:
    """lgamma(z) less (z − ½) ln z − z + ½ ln 2π (Abramowitz & Stegun, 6.1.41)."""
    square = 1 / (z * z)
    series = 1 / 1188
    for coefficient in (-1 / 1680, 1 / 1260, -1 / 360, 1 / 12):
        series = series * square + coefficient
    return series / z


def _continued_fraction(x: float, rest: float, a: float, b: float) -> float:
    """What x^a·rest^b / B(a, b) is divided by. `a·rest − b·x` is small where a is huge, and exact by way of `rest`."""
    start = a * (a * rest - b * x + 1) / (a + 1)
    value = c = _nonzero(start)
    d = 0.0
    for m in range(1, _TERMS):
        odd = a + 2 * m - 1
        above = (a + m - 1) * (a + b + m - 1) * m * (b - m) * x * x / (odd * odd)
        below = m + m * (b - m) * x / odd + (a + m) * (a * rest - b * x + 1 + m * (1 + rest)) / (a + 2 * m + 1)
        d = 1 / _nonzero(below + above * d)
        c = _nonzero(below + above / c)
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
