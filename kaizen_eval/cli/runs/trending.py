"""`kaizen-eval runs trend`: how a figure has changed from evaluation to evaluation."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaizen_eval.cli.cassettes.options import Commands
from kaizen_eval.cli.output import as_json, console, legible, show
from kaizen_eval.cli.runs.options import add_filters, add_runs_command, chosen

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from kaizen_eval.evals.runs import Trend

__all__ = ["add_to"]

_SUMMARY = "show how a figure has changed"
_DETAILS = (
    "Over complete, judged evaluations of the same cases by the same task, strategy, model, cassette and scorers, a "
    "line for each such group; with RUN over those like that one, a line for each. Whether a change is more than "
    "chance, `kaizen-eval compare` tells."
)
_PIPE_WIDTH = 120
_ANY_WIDTH = 10_000
_COLUMNS = (
    ("dataset", "task", "model", "runs", "figure", "last", "change", "since"),
    ("dataset", "task", "model", "runs", "figure", "last", "change"),
    ("dataset", "task", "model", "last", "change"),
    ("dataset", "task", "last", "change"),
)
"""The first that fits."""
_MOST = 40
"""Evaluations in a sparkline, the newest."""


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_runs_command(commands, "trend", _SUMMARY, _DETAILS, parents=parents)
    parser.add_argument("evaluation", metavar="RUN", nargs="?", help="a folder, or an id or how it begins")
    parser.add_argument(
        "--metric",
        metavar="NAME",
        default="pass_rate",
        help="pass_rate (the default), score, cost, tokens, latency, seconds, or a scorer's name",
    )
    add_filters(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from kaizen_eval.evals.runs import runs_in, trends  # noqa: PLC0415 - other commands need none of it

    found = trends(chosen(runs_in(options.root), options), options.metric)
    if options.evaluation is not None:
        found = [_like(options, found)]
    if options.json:
        as_json({"metric": options.metric, "trends": [_fields(trend, options.root) for trend in found]})
    else:
        screen = console(options, pipe_width=_PIPE_WIDTH)
        show(screen, _drawn(found, options, screen))


def _like(options: argparse.Namespace, found: Sequence[Trend]) -> Trend:
    from kaizen_eval.errors import UsageError  # noqa: PLC0415 - as above
    from kaizen_eval.evals.runs import run_folder  # noqa: PLC0415 - as above

    folder = run_folder(options.root, options.evaluation).resolve()
    for trend in found:
        if any(Path(options.root, run.folder).resolve() == folder for run in trend.runs):
            return trend
    raise UsageError(
        f"{options.evaluation!r} is not among the evaluations in {options.root!r} that are complete and were judged to "
        "the end: a trend is over those."
    )


def _fields(trend: Trend, root: str) -> dict[str, Any]:
    from kaizen_eval.evals.log.values import plain  # noqa: PLC0415 - as above

    return {
        **trend.key._asdict(),
        "scorers": plain(list(trend.runs[0].scorers)),
        "runs": [
            {"id": run.id, "created": run.created, "folder": str(Path(root, run.folder)), "value": value}
            for run, value in zip(trend.runs, trend.values, strict=True)
        ],
    }


def _drawn(found: Sequence[Trend], options: argparse.Namespace, screen: Console) -> list[RenderableType]:
    if not found:
        return [f"There are no complete evaluations in {legible(options.root)}."]
    if options.evaluation is not None:
        return [_title(found[0], options.metric), _points(found[0], options)]
    tables = [_groups(found, columns, options.metric) for columns in _COLUMNS]
    wide = screen.options.update(max_width=_ANY_WIDTH)
    fitting = (table for table in tables if screen.measure(table, options=wide).maximum <= screen.width)
    return [next(fitting, tables[-1])]


def _title(trend: Trend, metric: str) -> str:
    parts = [trend.key.dataset, trend.key.task, trend.key.strategy, trend.key.model]
    return legible(f"{metric} of {', '.join(part for part in parts if part)}")


def _groups(found: Sequence[Trend], columns: Sequence[str], metric: str) -> Table:
    table = _table([metric if name == "figure" else name for name in columns], {"runs", "last", "change"})
    for trend in found:
        cells = _cells(trend, metric)
        table.add_row(*(legible(cells[name]) for name in columns))
    return table


def _cells(trend: Trend, metric: str) -> dict[str, str]:
    from kaizen_eval.cli.runs.figures import figure, moment  # noqa: PLC0415 - as above
    from kaizen_eval.evals.runs.trend import sparkline  # noqa: PLC0415 - as above

    return {
        "dataset": trend.key.dataset + (f" {trend.key.shard}" if trend.key.shard else ""),
        "task": trend.key.task,
        "model": trend.key.model or "",
        "runs": f"{len(trend.runs):,}",
        "figure": sparkline(trend.values[-_MOST:]),
        "last": figure(metric, trend.values[-1]),
        "change": _signed(metric, trend.changes[-1]),
        "since": moment(trend.runs[0].created),
    }


def _points(trend: Trend, options: argparse.Namespace) -> Table:
    from kaizen_eval.cli.runs.figures import figure, moment  # noqa: PLC0415 - as above
    from kaizen_eval.evals.runs.trend import sparkline  # noqa: PLC0415 - as above

    table = _table(("when", "folder", options.metric, "", "change", "labels"), {options.metric, "change"})
    bars = sparkline(trend.values)
    for run, value, change, bar in zip(trend.runs, trend.values, trend.changes, bars, strict=True):
        labels = ", ".join(f"{name}={said}" for name, said in run.labels.items())
        told = (moment(run.created), str(Path(options.root, run.folder)), figure(options.metric, value), bar)
        table.add_row(*map(legible, (*told, _signed(options.metric, change), labels)))
    return table


def _table(columns: Sequence[str], numbers: set[str]) -> Table:
    from rich import box  # noqa: PLC0415 - only who looks at it needs to draw
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        is_number = name in numbers
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    return table


def _signed(metric: str, change: float | None) -> str:
    """Empty where there is none to tell of."""
    from kaizen_eval.cli.runs.figures import figure  # noqa: PLC0415 - as above

    if not change:
        return "" if change is None else "="
    size = f"{100 * abs(change):.1f} pp" if metric == "pass_rate" else figure(metric, abs(change))
    return f"{'+' if change > 0 else '-'}{size}"
