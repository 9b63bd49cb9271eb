"""Adds up the records of an evaluation as they come, and keeps none of them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from kaizen_eval.evals.case import Case
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.outside import outside
from kaizen_eval.evals.score import Scored
from kaizen_eval.evals.summary.figures import UNJUDGED, Latency, ScorerFigures, Summary, TagFigures
from kaizen_eval.evals.summary.rates import Passes
from kaizen_eval.evals.summary.repeated import Repeated
from kaizen_eval.evals.trial import TrialRecord
from kaizen_eval.messages import Usage

__all__ = ["Tally", "summarised"]

_Kind = tuple[tuple[str, ...], str]
"""The tags and the cluster of a case."""
_PLAIN: _Kind = ((), "")


def summarised(
    records: Iterable[TrialRecord], cases: Iterable[Case], *, repeats: int = 1, scorers: Iterable[str] = ()
) -> Summary:
    """The figures of all that was planned: each case, `repeats` times. What has no record was not run.

    Args:
        records: of what has ended.
        cases: those that were planned.
        repeats: of each.
        scorers: names of those that judge all cases, so that one which finds nothing to judge is named, too.
    """
    tally = Tally(cases, repeats=repeats, scorers=scorers)
    for record in records:
        tally.add(record)
    return tally.summary()


class Tally:
    """Its memory grows by eight bytes with each record, and with cases by what has tags or a cluster."""

    def __init__(self, cases: Iterable[Case], *, repeats: int = 1, scorers: Iterable[str] = ()) -> None:
        self._repeats = repeats
        self._kinds: dict[str, _Kind] = {}
        self._whole = _Part()
        self._tags: dict[str, _Part] = {}
        self._scorers: dict[str, _Scorer] = {name: _Scorer() for name in scorers}
        self._answered = self._unscored = 0
        self._scores = _Mean()
        self._repeated = Repeated(repeats)
        self._attempts = 0
        self._usage = Usage()
        self._known_cost = Decimal(0)
        self._unpriced = 0
        self._times = array("d")
        known: dict[_Kind, _Kind] = {}
        for case in cases:
            kind = known.setdefault((case.tags, case.cluster), (case.tags, case.cluster))
            self._plan(case.id, kind)

    def _plan(self, case: str, kind: _Kind) -> None:
        if kind != _PLAIN:
            self._kinds[case] = kind
        tags, cluster = kind
        for part in (self._whole, *(self._tags.setdefault(tag, _Part()) for tag in tags)):
            part.passes.plan(cluster)

    def add(self, record: TrialRecord) -> None:
        tags, cluster = self._kinds.get(record.trial.case, _PLAIN)
        is_outside = bool(outside(record))
        for part in (self._whole, *(self._tags[tag] for tag in tags)):
            part.add(record.outcome, cluster, is_outside=is_outside)
        self._repeated.add(record.trial.case, passed=record.outcome is Outcome.PASSED)
        if record.outcome is not Outcome.NOT_RUN:
            self._times.append(record.answer.ms)
        self._scored(record)
        self._spent(record)

    def _scored(self, record: TrialRecord) -> None:
        is_answered = record.outcome.is_scored or record.outcome is Outcome.SCORER_ERROR
        self._answered += is_answered
        self._unscored += is_answered and not record.scores
        for scored in record.scores:
            self._scorers.setdefault(scored.scorer, _Scorer()).add(scored)
        score = record.score
        if score is not None:
            self._scores.add(score)

    def _spent(self, record: TrialRecord) -> None:
        self._attempts += sum(len(turn.attempts) for turn in record.answer.turns)
        self._usage += record.answer.usage
        cost = record.answer.cost
        if cost is None:
            self._unpriced += 1
        else:
            self._known_cost += cost

    def summary(self) -> Summary:
        """So far; what has no record counts as not run."""
        return Summary(
            cases=self._whole.passes.cases,
            repeats=self._repeats,
            outcomes=self._whole.outcomes(self._repeats),
            outside=self._whole.outside,
            unscored=self._unscored,
            rate=self._whole.passes.rate(self._repeats, self._whole.unjudged(self._repeats)),
            score=self._scores.value,
            scorers=tuple(self._figures()),
            tags=tuple(self._tag(tag, self._tags[tag]) for tag in sorted(self._tags)),
            reliability=self._repeated.reliability(self._whole.passes.cases),
            attempts=self._attempts,
            usage=self._usage,
            cost=self._cost,
            known_cost=self._known_cost,
            unpriced=self._unpriced,
            latency=_latency(sorted(self._times)),
        )

    def _figures(self) -> Iterator[ScorerFigures]:
        """Where there is no answer, there was nothing to judge for anybody."""
        for name, scorer in self._scorers.items():
            figures = scorer.figures(name)
            if self._answered or not figures.is_silent:
                yield figures

    @property
    def _cost(self) -> Decimal | None:
        is_seen = self._attempts or not self._times
        return self._known_cost if is_seen and not self._unpriced else None

    def _tag(self, tag: str, part: _Part) -> TagFigures:
        rate = part.passes.rate(self._repeats, part.unjudged(self._repeats))
        return TagFigures(tag=tag, trials=part.passes.cases * self._repeats, passed=part.passes.passed, rate=rate)


class _Part:
    """All cases, or those with one tag."""

    def __init__(self) -> None:
        self.passes = Passes()
        self.outside = 0
        self._outcomes = dict.fromkeys(Outcome, 0)

    def add(self, outcome: Outcome, cluster: str, *, is_outside: bool) -> None:
        self._outcomes[outcome] += 1
        self.outside += is_outside
        if outcome is Outcome.PASSED:
            self.passes.add(cluster)

    def outcomes(self, repeats: int) -> dict[Outcome, int]:
        missing = max(0, self.passes.cases * repeats - sum(self._outcomes.values()))
        return {**self._outcomes, Outcome.NOT_RUN: self._outcomes[Outcome.NOT_RUN] + missing}

    def unjudged(self, repeats: int) -> int:
        outcomes = self.outcomes(repeats)
        return self.outside + sum(outcomes[outcome] for outcome in UNJUDGED)


class _Mean:
    """Exact, in whatever order the values come."""

    def __init__(self) -> None:
        self._values = array("d")

    def add(self, value: float) -> None:
        self._values.append(value)

    @property
    def count(self) -> int:
        return len(self._values)

    @property
    def value(self) -> float | None:
        return math.fsum(self._values) / len(self._values) if self._values else None


class _Scorer:
    def __init__(self) -> None:
        self._scores = _Mean()
        self._passed = self._crashed = 0
        self._usage = Usage()
        self._cost: Decimal | None = Decimal(0)

    def add(self, scored: Scored) -> None:
        self._usage += scored.usage
        self._cost = None if self._cost is None or scored.cost is None else self._cost + scored.cost
        if scored.value is None:
            self._crashed += 1
            return
        self._scores.add(scored.value)
        self._passed += bool(scored.passed)

    def figures(self, name: str) -> ScorerFigures:
        return ScorerFigures(
            name=name,
            mean=self._scores.value,
            scored=self._scores.count,
            passed=self._passed,
            crashed=self._crashed,
            usage=self._usage,
            cost=self._cost,
        )


def _latency(times: Sequence[float]) -> Latency | None:
    if not times:
        return None
    return Latency(
        mean=math.fsum(times) / len(times),
        p50=_percentile(times, 50),
        p90=_percentile(times, 90),
        p99=_percentile(times, 99),
        longest=times[-1],
    )


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """Between its neighbours by the distance to them, as most programs do it."""
    place = (len(ordered) - 1) * percent / 100
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
