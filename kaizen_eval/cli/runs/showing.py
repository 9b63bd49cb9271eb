"""`kaizen-eval runs show`: one evaluation, as its folder keeps it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kaizen_eval.cli.cassettes.options import Commands
from kaizen_eval.cli.output import as_json, console, legible, show
from kaizen_eval.cli.runs.options import add_runs_command

if TYPE_CHECKING:
    from rich.console import RenderableType

    from kaizen_eval.evals.log import Log
    from kaizen_eval.evals.summary import Summary

__all__ = ["add_to"]

_SUMMARY = "show one evaluation: what was asked of whom, and what came of it"
_DETAILS = "Case by case it is shown by `kaizen-eval report`."
_PIPE_WIDTH = 100
_SHOWN = 5


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_runs_command(commands, "show", _SUMMARY, _DETAILS, parents=parents)
    parser.add_argument("evaluation", metavar="RUN", help="a folder, or an id or how it begins")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from kaizen_eval.evals.log import Log  # noqa: PLC0415 - other commands need none of it
    from kaizen_eval.evals.runs import run_folder  # noqa: PLC0415 - as above
    from kaizen_eval.evals.summary import summarised  # noqa: PLC0415 - as above

    log = Log.open(run_folder(options.root, options.evaluation))
    names = log.manifest.scorer_names
    summary = summarised(log.records(), log.cases(), repeats=log.manifest.repeats, scorers=names)
    if options.json:
        as_json(_fields(log, summary))
    else:
        show(console(options, pipe_width=_PIPE_WIDTH), _drawn(log, summary))


def _fields(log: Log, summary: Summary) -> dict[str, Any]:
    from kaizen_eval.evals.log.codec import ENDED, MANIFEST  # noqa: PLC0415 - as above

    return {
        "folder": str(log.folder),
        "manifest": {**MANIFEST.write(log.manifest), "repeats": log.manifest.repeats, "schema": log.manifest.schema},
        "cases": summary.cases,
        "planned": log.ledger.planned,
        "done": log.ledger.done,
        "missing": [str(trial) for trial in log.ledger.missing],
        "running": log.is_running,
        "resumed": log.resumed,
        "dropped": log.dropped,
        "ended": None if log.ended is None else ENDED.write(log.ended),
        "outcomes": {outcome.value: count for outcome, count in summary.outcomes.items()},
        "pass_rate": {"value": summary.rate.value, "low": summary.rate.low, "high": summary.rate.high},
        "score": summary.score,
        "scorers": {scorer.name: scorer.mean for scorer in summary.scorers},
        "tokens": summary.usage.total,
        "cost": None if summary.cost is None else format(summary.cost, "f"),
    }


def _drawn(log: Log, summary: Summary) -> list[RenderableType]:
    from rich.table import Table  # noqa: PLC0415 - only who looks at it needs to draw
    from rich.text import Text  # noqa: PLC0415 - as above

    from kaizen_eval.cli.evaluate.words import head  # noqa: PLC0415 - as above

    grid = Table.grid(padding=(0, 2), pad_edge=False)
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, told in (*_asked(log), *_came(log, summary)):
        grid.add_row(name, legible(told))
    return [grid, "", Text(head(log.manifest, summary), "bold"), *_unfinished(log)]


def _asked(log: Log) -> Iterator[tuple[str, str]]:
    from kaizen_eval.cli.runs.figures import moment  # noqa: PLC0415 - as above

    manifest = log.manifest
    shard = f", part {manifest.shard}" if manifest.shard else ""
    yield "id", manifest.id
    yield "when", f"{moment(manifest.created)} UTC"
    yield "dataset", f"{manifest.dataset} ({manifest.dataset_hash[:12]}){shard}"
    yield "task", manifest.task
    for name, told in (("signature", manifest.signature), ("strategy", manifest.strategy), ("model", manifest.model)):
        if told:
            yield name, told
    for name, settings in (("settings", manifest.settings), ("labels", manifest.labels)):
        if settings:
            yield name, ", ".join(f"{key}={value}" for key, value in settings.items())


def _came(log: Log, summary: Summary) -> Iterator[tuple[str, str]]:
    from kaizen_eval.cli.evaluate.words import figures  # noqa: PLC0415 - as above

    for scorer in summary.scorers:
        none = "nothing to judge" if scorer.is_silent else "no score"
        mean = none if scorer.mean is None else f"{scorer.mean:.3f}"
        crashed = f", crashed {scorer.crashed:,} times" if scorer.crashed else ""
        yield scorer.name, f"{mean}{crashed}"
    seconds = 0.0 if log.ended is None else log.ended.seconds
    told = dict(figures(summary, seconds, is_virtual=log.manifest.is_deterministic))
    if log.ended is None:
        del told["took"]
    yield from told.items()
    if log.resumed:
        yield "resumed", f"{log.resumed:,} times" if log.resumed > 1 else "once"


def _unfinished(log: Log) -> Iterator[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - as above

    missing = log.ledger.missing
    if not missing:
        return
    names = ", ".join(map(str, missing[:_SHOWN])) + (", …" if len(missing) > _SHOWN else "")
    why = "It is running." if log.is_running else f"Go on with it: kaizen-eval eval … --out {log.folder} --resume"
    yield Text(legible(f"{len(missing):,} of {log.ledger.planned:,} trials have no record: {names}. {why}"), "yellow")
