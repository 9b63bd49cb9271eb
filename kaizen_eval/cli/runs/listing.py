"""`kaizen-eval runs list`: which evaluations there are."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.options import Commands
from kaizen_eval.cli.output import as_json, console, legible, show
from kaizen_eval.cli.runs.options import add_filters, add_runs_command, chosen

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from kaizen_eval.evals.runs import RunRow

__all__ = ["add_to"]

_SUMMARY = "list evaluations, the newest last"
_DETAILS = "One that cannot be read is a row that says so, and makes the exit code 1."
_PIPE_WIDTH = 1_000
_ANY_WIDTH = 10_000
_COLUMNS = (
    ("when", "folder", "dataset", "task", "passed", "rate", "score", "tokens", "cost", "took", "state"),
    ("when", "folder", "dataset", "passed", "rate", "score", "cost", "state"),
    ("when", "folder", "dataset", "passed", "rate", "state"),
    ("when", "folder", "passed", "rate", "state"),
    ("folder", "passed", "rate", "state"),
)
"""The first that fits."""
_NUMBERS = {"passed", "rate", "score", "tokens", "cost", "took"}


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_runs_command(commands, "list", _SUMMARY, _DETAILS, parents=parents)
    add_filters(parser)
    parser.add_argument("--last", metavar="N", type=int, help="only the newest N")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from kaizen_eval.cli.runs.figures import as_fields  # noqa: PLC0415 - other commands need none of it
    from kaizen_eval.evals.runs import runs_in  # noqa: PLC0415 - as above

    rows = chosen(runs_in(options.root), options)
    if options.last is not None:
        rows = rows[max(0, len(rows) - options.last) :]
    if options.json:
        as_json({"runs": [as_fields(row, options.root) for row in rows]})
    else:
        screen = console(options, pipe_width=_PIPE_WIDTH)
        show(screen, _drawn(rows, screen, options.root))
    return int(any(row.state == "unreadable" for row in rows))


def _drawn(rows: Sequence[RunRow], screen: Console, root: str) -> list[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - only who looks at it needs to draw

    if not rows:
        return [f"There are no evaluations in {legible(root)}."]
    tables = [_table(rows, columns, root) for columns in _COLUMNS]
    wide = screen.options.update(max_width=_ANY_WIDTH)
    fitting = (table for table in tables if screen.measure(table, options=wide).maximum <= screen.width)
    told = [
        Text.assemble((legible(str(Path(root, row.folder))), "red"), f": {legible(row.why)}")
        for row in rows
        if row.state == "unreadable"
    ]
    return [next(fitting, tables[-1]), *told, many(len(rows), "evaluation")]


def _table(rows: Sequence[RunRow], columns: Sequence[str], root: str) -> Table:
    from rich import box  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        is_number = name in _NUMBERS
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in rows:
        cells = _cells(row, root)
        table.add_row(*(legible(cells[name]) for name in columns), style="red" if row.state == "unreadable" else "")
    return table


def _cells(row: RunRow, root: str) -> dict[str, str]:
    from kaizen_eval.cli.runs.figures import figure, moment, state  # noqa: PLC0415 - as above

    cells = dict.fromkeys(_COLUMNS[0], "")
    cells.update(folder=str(Path(root, row.folder)), state=state(row))
    if row.state == "unreadable":
        return cells
    part = f" {row.shard}" if row.shard else ""
    return {
        **cells,
        "when": moment(row.created),
        "dataset": f"{row.dataset}{part}",
        "task": row.task,
        "passed": f"{row.passed:,} of {row.trials:,}",
        "rate": f"{'' if row.state == 'complete' and not row.unjudged else '≥ '}{figure('pass_rate', row.pass_rate)}",
        "score": figure("score", row.score),
        "tokens": f"{row.tokens:,}" if row.tokens else "",
        "cost": figure("cost", row.cost),
        "took": figure("seconds", row.seconds),
    }
