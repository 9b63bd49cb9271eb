"""What a list of evaluations tells of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from kaizen_eval.errors import KaizenError
from kaizen_eval.evals.log import Log
from kaizen_eval.evals.log.layout import Layout, Part, optional
from kaizen_eval.evals.log.values import plain
from kaizen_eval.evals.summary import Summary, summarised

__all__ = ["ROW", "STATES", "RunRow", "row_of", "unreadable"]

STATES: Final = ("complete", "incomplete", "running", "unreadable")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run folder: what was asked of whom, and what came of it."""

    folder: str
    """From the runs folder on."""
    state: str = "complete"
    """One of `STATES`: incomplete ones were killed or stopped, and can be gone on with."""
    why: str = ""
    """Why it is incomplete or cannot be read."""
    id: str = ""
    created: str = ""
    """ISO 8601, UTC."""
    dataset: str = ""
    dataset_hash: str = ""
    task: str = ""
    strategy: str | None = None
    model: str | None = None
    cassette_hash: str | None = None
    scorers: tuple[str, ...] = ()
    """Names."""
    repeats: int = 1
    shard: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    cases: int = 0
    trials: int = 0
    """Planned."""
    done: int = 0
    passed: int = 0
    pass_rate: float | None = None
    """Of what was planned: at least so much, where it is incomplete."""
    score: float | None = None
    """Mean."""
    means: Mapping[str, float] = field(default_factory=dict)
    """By scorer."""
    tokens: int = 0
    cost: Decimal | None = None
    """USD; None when that of a trial is unknown."""
    latency: float | None = None
    """Median, in milliseconds."""
    seconds: float | None = None
    """None where nobody could say at its end."""
    bytes: int = 0


_VALUE = Part(plain, lambda raw: raw)
_TEXTS = Part(list, tuple)
_EXACT = optional(Part(str, Decimal))
ROW: Final = Layout(RunRow, labels=_VALUE, means=_VALUE, scorers=_TEXTS, cost=_EXACT)
"""As the index keeps it."""


def row_of(root: Path, folder: Path) -> RunRow:
    """What its log says, without whether somebody writes it just now; a log that cannot be read is a row, too."""
    name = folder.relative_to(root).as_posix()
    try:
        log = Log.open(folder)
        summary = summarised(log.records(), log.cases(), repeats=log.manifest.repeats)
    except KaizenError as error:
        return unreadable(name, str(error))
    return _with_figures(_with_manifest(RunRow(folder=name, **_state(log)), log), log, summary)


def unreadable(folder: str, why: str) -> RunRow:
    return RunRow(folder=folder, state="unreadable", why=why)


def _state(log: Log) -> dict[str, Any]:
    missing = len(log.ledger.missing)
    if not missing:
        return {"state": "complete"}
    stopped = "it was killed" if log.ended is None else log.ended.stopped or "it was stopped"
    return {"state": "incomplete", "why": stopped}


def _with_manifest(row: RunRow, log: Log) -> RunRow:
    manifest = log.manifest
    return replace(
        row,
        id=manifest.id,
        created=manifest.created,
        dataset=manifest.dataset,
        dataset_hash=manifest.dataset_hash,
        task=manifest.task,
        strategy=manifest.strategy,
        model=manifest.model,
        cassette_hash=manifest.cassette_hash,
        scorers=tuple(str(name) for spec in manifest.scorers for name in spec),
        repeats=manifest.repeats,
        shard=manifest.shard,
        labels=manifest.labels,
    )


def _with_figures(row: RunRow, log: Log, summary: Summary) -> RunRow:
    return replace(
        row,
        cases=summary.cases,
        trials=log.ledger.planned,
        done=log.ledger.done,
        passed=summary.passed,
        pass_rate=summary.rate.value if summary.cases else None,
        score=summary.score,
        means={scorer.name: scorer.mean for scorer in summary.scorers if scorer.mean is not None},
        tokens=summary.usage.total,
        cost=summary.cost,
        latency=None if summary.latency is None else summary.latency.p50,
        seconds=None if log.ended is None else log.ended.seconds,
    )
