"""The figures above the table: counts, means, distributions, by tag, by scorer, run by run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from kaizen_eval.evals.reports.sources import Gathered, TrendPoint
from kaizen_eval.evals.reports.wording import figures
from kaizen_eval.evals.summary import ScorerFigures, Summary, TagFigures

__all__ = ["overview"]

_BINS = 20


def overview(now: Gathered, before: Gathered | None, trend: Sequence[TrendPoint]) -> dict[str, Any]:
    past = before.summary if before else None
    return {
        "figures": _figures(now.summary, past),
        "outcomes": _outcomes(now.summary, past),
        "scores": {"now": _bins(now), "before": _bins(before) if before else None},
        "tags": _tags(now.summary.tags, past.tags if past else ()),
        "scorers": _scorers(now.summary.scorers, past.scorers if past else ()),
        "trend": [point._asdict() for point in trend],
    }


def _figures(now: Summary, past: Summary | None) -> list[dict[str, str]]:
    """Each with its name, its value, and what it was."""
    was = dict(figures(past)) if past else {}
    return [{"name": name, "value": value, "before": was.get(name, "")} for name, value in figures(now)]


def _outcomes(now: Summary, past: Summary | None) -> list[tuple[str, int, int | None]]:
    return [(kind.value, count, past.outcomes[kind] if past else None) for kind, count in now.outcomes.items()]


def _bins(side: Gathered) -> list[int]:
    """How many scores lie in each twentieth from 0 to 1; 1 itself is in the last."""
    bins = [0] * _BINS
    for each in chain.from_iterable(side.trials.values()):
        if each.outcome.is_scored and each.score is not None:
            bins[max(0, min(_BINS - 1, int(each.score * _BINS)))] += 1
    return bins


def _tags(now: Sequence[TagFigures], past: Sequence[TagFigures]) -> list[dict[str, Any]]:
    was = {each.tag: each.rate.value for each in past}
    return [
        {"tag": each.tag, "cases": each.rate.cases, "passed": each.rate.value, "before": was.get(each.tag)}
        for each in now
    ]


def _scorers(now: Sequence[ScorerFigures], past: Sequence[ScorerFigures]) -> list[dict[str, Any]]:
    was = {each.name: _share(each) for each in past}
    return [
        {
            "scorer": each.name,
            "passed": _share(each),
            "score": each.mean,
            "errors": each.crashed,
            "before": was.get(each.name),
        }
        for each in now
    ]


def _share(each: ScorerFigures) -> float | None:
    return each.passed / each.scored if each.scored else None
