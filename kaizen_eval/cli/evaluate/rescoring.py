"""Answers of an evaluation that was kept, judged again from the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kaizen_eval.cli.evaluate.progress import told_at_once
from kaizen_eval.cli.evaluate.scorer_specs import specs_of
from kaizen_eval.cli.evaluate.stage import Stage
from kaizen_eval.errors import UsageError
from kaizen_eval.evals.dataset import Dataset
from kaizen_eval.evals.log import Log

__all__ = ["rescored", "rescored_name"]

_ASKING = ("agent", "resume", "shard", "tag", "case", "repeats", "timeout", "call_timeout", "run_timeout", "max_cost")
_DEFAULTS: dict[str, object] = {"resume": False, "tag": [], "case": [], "repeats": 1}


def rescored_name(options: argparse.Namespace) -> str:
    """What the new evaluation and its cassette are called.

    Raises:
        UsageError: an option is about asking, and nobody is asked.
        EvaluationError: there is no such evaluation.
    """
    for name in _ASKING:
        if getattr(options, name) != _DEFAULTS.get(name):
            raise UsageError(f"--rescore asks nobody for answers: leave out --{name.replace('_', '-')}.")
    return f"{Log.open(options.rescore).manifest.dataset}-rescored"


def rescored(folder: Path, stage: Stage, options: argparse.Namespace) -> None:
    """By the scorers that are named, else by those of the dataset that is."""
    from kaizen_eval.evals import rescore  # noqa: PLC0415 - needed here alone
    from kaizen_eval.resilience.clock import virtual_time  # noqa: PLC0415 - as above

    scorers = _scorers(options)
    told_at_once(f"Scoring the answers of {options.rescore} again.", options)
    if not stage.is_virtual:
        rescore(options.rescore, scorers, out=folder, concurrency=options.concurrency)
        return
    with virtual_time():
        rescore(options.rescore, scorers, out=folder, concurrency=options.concurrency)


def _scorers(options: argparse.Namespace) -> list[Any]:
    if options.scorer:
        return specs_of(options.scorer)
    if options.dataset is not None:
        return list(Dataset.load(options.dataset).scorers) or ["exact"]
    raise UsageError("--rescore needs to know by what: add --scorer, or the dataset that names scorers.")
