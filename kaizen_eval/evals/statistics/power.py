"""What an evaluation could have seen, and what it would take to see more."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kaizen_eval.evals.statistics.checked import checked_probability
from kaizen_eval.evals.statistics.estimate import Estimate
from kaizen_eval.evals.statistics.student import student_quantile

__all__ = ["cases_to_decide", "minimum_detectable", "noise", "repeats_to_decide"]


def minimum_detectable(
    estimate: Estimate, *, confidence: float = 0.95, power: float = 0.8, one_sided: bool = False
) -> float:
    """The smallest true difference that an evaluation with this standard error would find in `power` of all tries.

    (t of the confidence + t of the power) × standard error (Cohen 1988; Bloom 1995). Infinite with a single cluster.

    Raises:
        ValueError: confidence or power is not between 0 and 1.
    """
    return _factor(estimate.df, confidence, power, one_sided=one_sided) * estimate.standard_error


def noise(repeats: Sequence[Sequence[float]]) -> float | None:
    """The variance that chance between repeats adds to the mean of all cases' own means: what more repeats would lower.

    Of a difference of two evaluations it is the sum of both. None where it cannot be known: no case has two repeats.
    Cases with one repeat are taken to be as noisy as the others are on average.

    Args:
        repeats: by case, its scores.
    """
    known = [(_variance(each), len(each)) for each in repeats if len(each) > 1]
    if not known:
        return None
    usual = math.fsum(variance * (n - 1) for variance, n in known) / sum(n - 1 for _, n in known)
    total = math.fsum((_variance(each) if len(each) > 1 else usual) / len(each) for each in repeats if each)
    return total / sum(1 for each in repeats if each) ** 2


def repeats_to_decide(  # noqa: PLR0913 - each is a setting of the question, named by whoever asks
    estimate: Estimate,
    *,
    distance: float,
    noise: float | None,
    repeats: int = 1,
    confidence: float = 0.95,
    power: float = 0.8,
    one_sided: bool = False,
) -> int | None:
    """How many repeats of each case, in all, would decide, with the cases there are. None: no number would, since cases
    differ among themselves; or the noise is unknown.

    Args:
        estimate: of the evaluation that was inconclusive.
        distance: from its mean to what it is to be told from: `mean + margin` for non-inferiority.
        noise: the part of the squared standard error that is due to repeats, of both sides together; see `noise`.
        repeats: how many there were.
        confidence: of the interval that is to decide.
        power: in which part of all tries it is to do so.
        one_sided: whether it is a bound, such as that of non-inferiority.

    Raises:
        ValueError: confidence or power is not between 0 and 1, or repeats is below 1.
    """
    if repeats < 1:
        raise ValueError(f"repeats={repeats!r}: expected how often each case was tried, from 1 on.")
    needed = _needed(estimate, distance, confidence, power, one_sided=one_sided)
    if estimate.standard_error**2 <= needed:
        return repeats
    if noise is None or math.isinf(estimate.standard_error):
        return None
    between = max(0.0, estimate.standard_error**2 - noise)
    return math.ceil(repeats * noise / (needed - between)) if needed > between else None


def cases_to_decide(
    estimate: Estimate,
    *,
    distance: float,
    confidence: float = 0.95,
    power: float = 0.8,
    one_sided: bool = False,
) -> int | None:
    """How many cases, in as many more clusters, would decide with as many repeats.

    None: there is nothing to tell apart, or only one cluster. The arguments are those of `repeats_to_decide`.

    Raises:
        ValueError: confidence or power is not between 0 and 1.
    """
    needed = _needed(estimate, distance, confidence, power, one_sided=one_sided)
    if needed == 0 or math.isinf(estimate.standard_error):
        return None
    return math.ceil(estimate.n * max(1.0, estimate.standard_error**2 / needed))


def _needed(estimate: Estimate, distance: float, confidence: float, power: float, *, one_sided: bool) -> float:
    """The squared standard error at which the distance is found in `power` of all tries."""
    return (distance / _factor(estimate.df, confidence, power, one_sided=one_sided)) ** 2


def _factor(df: float, confidence: float, power: float, *, one_sided: bool) -> float:
    checked_probability(confidence, what="confidence")
    checked_probability(power, what="power")
    df = df or 1.0
    p = confidence if one_sided else (1 + confidence) / 2
    return student_quantile(p, df) + student_quantile(power, df)


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
