"""How far the true difference may lie from the one that was seen."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from kaizen_eval.evals.comparison.found import Discordant, Method
from kaizen_eval.evals.comparison.pairing import Pair
from kaizen_eval.evals.statistics import Estimate, bootstrap, matched_difference, mcnemar_mid_p, unseen_share

__all__ = ["Bounds", "bounds_of", "differ_rarely", "discordant"]

_FEW = 30
"""Clusters; below, their distribution matters."""
_SKEWED = 1.0
"""Skewness of differences from which a t interval is too short on one side."""
_MANY = 500
"""Clusters; above, a mean is as good as normal, and drawing takes seconds."""
_RARE = 5
"""Clusters that differ from what is usual; below, a spread says more of their number than of the difference."""


class Bounds(NamedTuple):
    """Of a mean difference."""

    low: float
    """Two-sided, as `high`."""
    high: float
    lower: float
    """One-sided, as `upper`."""
    upper: float
    method: Method


def bounds_of(  # noqa: PLR0913 - what limits depend on
    pairs: Sequence[Pair],
    estimate: Estimate,
    flipped: Discordant | None,
    *,
    is_judged: bool,
    confidence: float,
    seed: int,
) -> Bounds:
    """The cluster-robust t interval; where the data are few or skewed, on each side the wider of it and the bootstrap.

    Of single trials that pass or fail it is no narrower than Tango's score interval, and holds 0 where McNemar's test
    sees nothing. There, and where hardly a case differs from the others, no narrower than what unseen cases may still
    make: that none of 20 was lost in three repeats says as little as that none was in one.
    """
    by_t = (*estimate.interval(confidence), estimate.lower(confidence), estimate.upper(confidence))
    if estimate.clusters < 2:
        return Bounds(*by_t, "too few")
    found: _Four = by_t
    method: Method = "t"
    if flipped is not None:
        found = _of_flips(by_t, estimate, flipped, confidence)
    elif _needs_bootstrap(pairs, estimate):
        found, method = _wider(by_t, _bootstrapped(pairs, confidence, seed)), "bootstrap"
    if is_judged and differ_rarely(pairs):
        found = _wider(found, _unseen(estimate, confidence))
    return Bounds(*(_possible(found) if is_judged else found), method)


def discordant(pairs: Sequence[Pair]) -> Discordant | None:
    """Of single trials that pass or fail, of independent cases; None of others."""
    if not all(len(pair.a) == len(pair.b) == 1 and {*pair.a, *pair.b} <= {0.0, 1.0} for pair in pairs):
        return None
    if len({pair.cluster or at for at, pair in enumerate(pairs)}) < len(pairs):
        return None
    lost = sum(pair.difference < 0 for pair in pairs)
    won = sum(pair.difference > 0 for pair in pairs)
    return Discordant(lost, won, mcnemar_mid_p(lost, won))


def differ_rarely(pairs: Sequence[Pair]) -> bool:
    """Whether so few clusters hold another difference than most cases have that others may well have been missed."""
    usual = Counter(pair.difference for pair in pairs).most_common(1)[0][0]
    return len({pair.cluster or at for at, pair in enumerate(pairs) if pair.difference != usual}) < _RARE


_Four = tuple[float, float, float, float]


def _of_flips(by_t: _Four, estimate: Estimate, flipped: Discordant, confidence: float) -> _Four:
    counts = flipped.lost, flipped.won, estimate.n
    by_score = (*matched_difference(*counts, confidence), *matched_difference(*counts, 2 * confidence - 1))
    low, high, lower, upper = _wider(_wider(by_t, by_score), _unseen(estimate, confidence))
    if flipped.p > 1 - confidence:
        low, high = min(low, 0.0), max(high, 0.0)
    if flipped.p > 2 * (1 - confidence):
        lower, upper = min(lower, 0.0), max(upper, 0.0)
    return low, high, lower, upper


def _unseen(estimate: Estimate, confidence: float) -> _Four:
    two_sided, one_sided = (unseen_share(estimate.clusters, share) for share in ((1 + confidence) / 2, confidence))
    mean = estimate.mean
    return mean - two_sided, mean + two_sided, mean - one_sided, mean + one_sided


def _bootstrapped(pairs: Sequence[Pair], confidence: float, seed: int) -> _Four:
    differences, clusters = [pair.difference for pair in pairs], [pair.cluster for pair in pairs]
    low, high = bootstrap(differences, clusters, seed=seed, confidence=confidence)
    return low, high, *bootstrap(differences, clusters, seed=seed, confidence=2 * confidence - 1)


def _possible(found: _Four) -> _Four:
    """A score goes from 0 to 1."""
    low, high, lower, upper = (min(max(each, -1.0), 1.0) for each in found)
    return low, high, lower, upper


def _wider(one: _Four, other: _Four) -> _Four:
    return min(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), max(one[3], other[3])


def _needs_bootstrap(pairs: Sequence[Pair], estimate: Estimate) -> bool:
    if estimate.clusters > _MANY or estimate.standard_error == 0:
        return False
    return estimate.clusters < _FEW or abs(_skewness([pair.difference for pair in pairs])) > _SKEWED


def _skewness(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
    return math.fsum((value - mean) ** 3 for value in values) / len(values) / variance**1.5 if variance else 0.0
