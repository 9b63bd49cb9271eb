"""The summary of an evaluation as JSON."""

from __future__ import annotations

import json
from typing import Any

from kaizen_eval.cli.compare import as_json as compared
from kaizen_eval.cli.evaluate.finished import Finished
from kaizen_eval.evals.summary import Rate, ScorerFigures, Summary

__all__ = ["SCHEMA", "text"]

SCHEMA = 1


def text(finished: Finished) -> str:
    return json.dumps(_whole(finished), indent=2, ensure_ascii=False) + "\n"


def _whole(finished: Finished) -> dict[str, Any]:
    manifest = finished.manifest
    return {
        "schema": SCHEMA,
        "id": manifest.id,
        "created": manifest.created,
        "folder": finished.folder,
        "dataset": manifest.dataset,
        "dataset_hash": manifest.dataset_hash,
        "task": manifest.task,
        "strategy": manifest.strategy,
        "model": manifest.model,
        "cassette_hash": manifest.cassette_hash,
        "deterministic": manifest.is_deterministic,
        "shard": manifest.shard,
        "seed": manifest.seed,
        "labels": dict(manifest.labels),
        "exit_code": int(finished.verdict.code),
        "rulings": [{"verdict": ruling.word, "reason": ruling.reason} for ruling in finished.verdict.rulings],
        "comparison": None if finished.comparison is None else json.loads(compared.text(finished.comparison)),
        "stopped": finished.stopped,
        "notices": list(finished.notices),
        "seconds": round(finished.seconds, 3),
        **_summary(finished.summary),
    }


def _summary(summary: Summary) -> dict[str, Any]:
    reliability, latency = summary.reliability, summary.latency
    return {
        "cases": summary.cases,
        "repeats": summary.repeats,
        "trials": summary.trials,
        "outcomes": {outcome.value: count for outcome, count in summary.outcomes.items()},
        "failed_outside": summary.outside,
        "unscored": summary.unscored,
        "pass_rate": _rate(summary.rate),
        "score": summary.score,
        "scorers": [_scorer(each) for each in summary.scorers],
        "tags": {
            each.tag: {"trials": each.trials, "passed": each.passed, "pass_rate": _rate(each.rate)}
            for each in summary.tags
        },
        "pass_at_k": None if reliability is None else {str(k): value for k, value in reliability.pass_at.items()},
        "pass_all_k": None if reliability is None else {str(k): value for k, value in reliability.pass_all.items()},
        "requests": summary.attempts,
        "tokens": {
            "prompt": summary.usage.prompt,
            "completion": summary.usage.completion,
            "total": summary.usage.total,
            "cached": summary.usage.cached,
            "reasoning": summary.usage.reasoning,
        },
        "cost": None if summary.cost is None else str(summary.cost),
        "known_cost": str(summary.known_cost),
        "unpriced": summary.unpriced,
        "latency_ms": None
        if latency is None
        else {
            "mean": latency.mean,
            "p50": latency.p50,
            "p90": latency.p90,
            "p99": latency.p99,
            "longest": latency.longest,
        },
    }


def _scorer(figures: ScorerFigures) -> dict[str, Any]:
    return {
        "name": figures.name,
        "mean": figures.mean,
        "scored": figures.scored,
        "passed": figures.passed,
        "crashed": figures.crashed,
        "tokens": figures.usage.total,
        "cost": None if figures.cost is None else str(figures.cost),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {"value": rate.value, "low": rate.low, "high": rate.high, "cases": rate.cases, "unjudged": rate.unjudged}
