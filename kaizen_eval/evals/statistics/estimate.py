"""A mean and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kaizen_eval.evals.statistics.checked import checked_probability
from kaizen_eval.evals.statistics.student import student_cdf, student_quantile

__all__ = ["Estimate", "Interval"]

Interval = tuple[float, float]
"""Low, high."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean of cases with its standard error, as `clustered` computes it.

    With a single cluster nothing is known of the spread: the standard error and all bounds are infinite. Where all
    cases have one value the standard error is 0 and the interval that value: `unseen_share` says what it hides.
    """

    mean: float
    standard_error: float
    df: float
    """Degrees of freedom of the t distribution, seldom an integer; 0 with a single cluster."""
    n: int
    """Cases."""
    clusters: int

    def interval(self, confidence: float = 0.95) -> Interval:
        """Two-sided: it misses the true mean as often below as above."""
        reach = self._reach((1 + checked_probability(confidence, what="confidence")) / 2)
        return self.mean - reach, self.mean + reach

    def lower(self, confidence: float = 0.95) -> float:
        """One-sided: the true mean is below it in at most 1 − confidence of all evaluations."""
        return self.mean - self._reach(checked_probability(confidence, what="confidence"))

    def upper(self, confidence: float = 0.95) -> float:
        """One-sided, as `lower`."""
        return self.mean + self._reach(checked_probability(confidence, what="confidence"))

    def p_value(self, against: float = 0.0) -> float:
        """Two-sided: how often a mean this far from `against` would be seen if that were the true one."""
        return min(1.0, 2 * student_cdf(-abs(self._distance(against)), self.df or 1.0))

    def p_above(self, bound: float = 0.0) -> float:
        """One-sided: how often a mean this high would be seen if the true one were the bound. Small: it is higher.
        `p_above(-margin)` is the p value of non-inferiority.
        """
        return student_cdf(-self._distance(bound), self.df or 1.0)

    def _reach(self, p: float) -> float:
        if self.standard_error in {0.0, math.inf}:
            return self.standard_error if p >= 0.5 else -self.standard_error
        return student_quantile(p, self.df) * self.standard_error

    def _distance(self, point: float) -> float:
        """In standard errors."""
        if self.standard_error == 0:
            return 0.0 if self.mean == point else math.copysign(math.inf, self.mean - point)
        return (self.mean - point) / self.standard_error
