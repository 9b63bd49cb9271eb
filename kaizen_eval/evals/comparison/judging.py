"""What one measure says of two sides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from kaizen_eval.evals.comparison.bounds import bounds_of, discordant
from kaizen_eval.evals.comparison.found import Discordant, Finding, Mean
from kaizen_eval.evals.comparison.measure import Measure
from kaizen_eval.evals.comparison.pairing import Pair, Paired, mean, with_measure
from kaizen_eval.evals.statistics import Estimate, clustered, minimum_detectable, wilson

__all__ = ["Terms", "estimated", "finding"]


class Terms(NamedTuple):
    """What limits are asked for with."""

    confidence: float
    seed: int
    is_exact: bool
    """What differs is no sample: there is nothing to estimate."""
    is_on_virtual_time: bool = False
    """Both are: how long a trial took is no chance either."""


def finding(
    cases: Sequence[Paired], measure: Measure, terms: Terms, *, pairs: Sequence[Pair] | None = None
) -> Finding | None:
    """What was seen, and its limits; nothing is decided yet. None where no case has the measure on both sides.

    Args:
        cases: of both.
        measure: what is asked about.
        terms: of the limits.
        pairs: those of the cases that have it, where they are found already.
    """
    pairs = with_measure(cases, measure.name) if pairs is None else pairs
    if not pairs:
        return None
    estimate = estimated(pairs)
    seen = _seen(cases, measure, pairs, estimate)
    is_same = all(pair.a == pair.b for pair in pairs)
    if terms.is_exact and (is_same or terms.is_on_virtual_time or measure.name != "latency"):
        return _exact(seen, pairs)
    if is_same and all(case.is_alike for case in cases):  # the same answers: no chance made them
        return replace(seen, method="identical", worst=0.0, best=0.0, p=1.0)
    return _with_limits(seen, pairs, estimate, terms)


def _exact(seen: Finding, pairs: Sequence[Pair]) -> Finding:
    """What is judged is lost case by case: a case that got better makes up for none that got worse. Of what is spent
    the sum counts.
    """
    losses = [-pair.difference for pair in pairs if pair.difference * seen.measure.sign < 0]
    bound = -math.fsum(losses) / len(pairs) if seen.measure.is_judged else seen.difference
    return replace(seen, method="exact", worst=bound, best=bound, p=1.0, worse_cases=len(losses))


def _seen(cases: Sequence[Paired], measure: Measure, pairs: Sequence[Pair], estimate: Estimate) -> Finding:
    return Finding(
        measure=measure,
        a=Mean(_mean([pair.a for pair in pairs])),
        b=Mean(_mean([pair.b for pair in pairs])),
        difference=estimate.mean,
        cases=estimate.n,
        clusters=estimate.clusters,
        method="exact",
        unjudged=(
            sum(case.a.unjudged(measure.name) for case in cases),
            sum(case.b.unjudged(measure.name) for case in cases),
        ),
    )


def estimated(pairs: Sequence[Pair]) -> Estimate:
    """The mean difference, and how sure it is."""
    return clustered([pair.difference for pair in pairs], [pair.cluster for pair in pairs])


def _with_limits(seen: Finding, pairs: Sequence[Pair], estimate: Estimate, terms: Terms) -> Finding:
    flipped = discordant(pairs) if seen.measure.is_judged else None
    is_judged = seen.measure.is_judged
    bounds = bounds_of(pairs, estimate, flipped, is_judged=is_judged, confidence=terms.confidence, seed=terms.seed)
    worst, best = (bounds.lower, bounds.upper) if seen.measure.sign > 0 else (bounds.upper, bounds.lower)
    return replace(
        seen,
        a=_possible(_with_interval(seen.a.value, [pair.a for pair in pairs], pairs, flipped, terms), seen.measure),
        b=_possible(_with_interval(seen.b.value, [pair.b for pair in pairs], pairs, flipped, terms), seen.measure),
        method=bounds.method,
        low=bounds.low,
        high=bounds.high,
        worst=worst,
        best=best,
        p=estimate.p_value() if flipped is None else flipped.p,
        detectable=minimum_detectable(estimate, confidence=terms.confidence, one_sided=True),
        discordant=flipped,
    )


def _with_interval(
    value: float, values: Sequence[tuple[float, ...]], pairs: Sequence[Pair], flipped: Discordant | None, terms: Terms
) -> Mean:
    if flipped is not None:
        return Mean(value, *wilson(sum(each[0] for each in values), len(values), terms.confidence))
    estimate = clustered([mean(each) for each in values], [pair.cluster for pair in pairs])
    return Mean(value, *estimate.interval(terms.confidence))


def _possible(of: Mean, measure: Measure) -> Mean:
    """A score goes from 0 to 1, and nothing that is spent is below 0."""
    low = None if of.low is None else max(of.low, 0.0)
    high = min(of.high, 1.0) if measure.is_judged and of.high is not None else of.high
    return Mean(of.value, low, high)


def _mean(values: Sequence[tuple[float, ...]]) -> float:
    return math.fsum(map(mean, values)) / len(values)
