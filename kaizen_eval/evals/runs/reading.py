"""Reads what a list of evaluations tells of one from its log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from kaizen_eval.errors import KaizenError
from kaizen_eval.evals.log import Log
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.runs.run_row import RunRow
from kaizen_eval.evals.summary import Summary, summarised

__all__ = ["row_of"]


def row_of(root: Path, folder: Path) -> RunRow:
    """What its log says, without whether somebody writes it just now; a log that cannot be read is a row, too."""
    name = folder.relative_to(root).as_posix()
    try:
        log = Log.open(folder)
        summary = summarised(log.records(), log.cases(), repeats=log.manifest.repeats)
    except KaizenError as error:
        return RunRow(folder=name, state="unreadable", why=str(error))
    return _with_figures(_with_manifest(RunRow(folder=name, **_state(log)), log), log, summary)


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
        scorers=manifest.scorers,
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
        unjudged=summary.outside + summary.outcomes[Outcome.SCORER_ERROR],
        pass_rate=summary.rate.value if summary.cases else None,
        score=summary.score,
        means={scorer.name: scorer.mean for scorer in summary.scorers if scorer.mean is not None},
        tokens=summary.usage.total,
        cost=summary.cost,
        latency=None if summary.latency is None else summary.latency.p50,
        seconds=None if log.ended is None else log.ended.seconds,
    )
