"""Holds an evaluation against its baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

from kaizen_eval.errors import Incomparable
from kaizen_eval.evals.comparison.asked import asked_confidence, asked_margins
from kaizen_eval.evals.comparison.baseline.file import Baseline, Key, read_baselines
from kaizen_eval.evals.comparison.comparing import compare, compared
from kaizen_eval.evals.comparison.found import Comparison
from kaizen_eval.evals.comparison.source import Comparable, Source, source_of

__all__ = ["gate"]


def gate(  # noqa: PLR0913 - as `compare`
    evaluation: Comparable,
    baseline: str | PathLike[str],
    *,
    metric: str | Sequence[str] | None = None,
    margin: float | Mapping[str, float] | None = None,
    confidence: float | None = None,
    shared: bool = False,
    exact: bool | None = None,
) -> Comparison:
    """Whether it is no worse than what was blessed. None: as it was blessed with.

    Args:
        evaluation: the candidate: a folder, a log or an evaluation.
        baseline: a file of baselines, of which the one for the same dataset, strategy, model and cassette is taken; or
            the folder of an evaluation, which may be of another model.
        metric: what decides, as in `compare`.
        margin: how much worse is accepted.
        confidence: of the verdict.
        shared: compare the cases that both have.
        exact: without statistics, as in `compare`.

    Raises:
        Incomparable: there is no baseline for such an evaluation, or the cases or scorers have changed since.
        CasesMissing: the evaluation is incomplete.
        UsageError: there is no such file.
    """
    path = Path(baseline)
    if path.is_dir():
        return compare(
            path,
            evaluation,
            metric="score" if metric is None else metric,
            margin=0.0 if margin is None else margin,
            confidence=0.95 if confidence is None else confidence,
            shared=shared,
            exact=exact,
        )
    candidate = source_of(evaluation)
    blessed = _for(Key.of(candidate.side.manifest), read_baselines(path), path)
    metrics = blessed.gate.metric if metric is None else metric
    accepted = _accepted(blessed, metrics) if margin is None else margin
    return compared(
        Source(blessed.side),
        candidate,
        margins=asked_margins(metrics, accepted),
        confidence=asked_confidence(blessed.gate.confidence if confidence is None else confidence),
        shared=shared,
        exact=exact,
        seed=0,
    )


def _accepted(blessed: Baseline, metrics: str | Sequence[str]) -> Mapping[str, float]:
    names = (metrics,) if isinstance(metrics, str) else metrics
    return {name: share for name, share in blessed.gate.margin.items() if name in names}


def _for(key: Key, baselines: Sequence[Baseline], path: Path) -> Baseline:
    """
    Raises:
        Incomparable: there is none; the message says in what the nearest differs.
    """  # noqa: D212 - there is nothing to sum up
    for baseline in baselines:
        if baseline.key == key:
            return baseline
    nearest = max(baselines, key=lambda each: sum(map(_equal, each.key, key)), default=None)
    lines = "" if nearest is None else "".join(_differences(nearest.key, key))
    raise Incomparable(
        f"{str(path)!r} has no baseline for this evaluation{':' if lines else '.'}{lines}\nBless it (kaizen-eval "
        f"compare RUN --bless {path}), or compare it with an evaluation of what differs (kaizen-eval compare A B)."
    )


def _equal(one: object, other: object) -> bool:
    return one == other


def _differences(blessed: Key, asked: Key) -> list[str]:
    names = [name for name in Key._fields if getattr(blessed, name) != getattr(asked, name)]
    return [f"\n  {name}: {getattr(blessed, name) or 'none'} → {getattr(asked, name) or 'none'}" for name in names]
