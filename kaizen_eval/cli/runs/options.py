"""What the commands on evaluations take alike."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kaizen_eval.cli.cassettes.options import Commands, add_command

if TYPE_CHECKING:
    from kaizen_eval.evals.runs.run_row import RunRow

__all__ = ["add_filters", "add_runs_command", "chosen"]


def add_runs_command(
    commands: Commands, name: str, summary: str, details: str, *, parents: Sequence[argparse.ArgumentParser]
) -> argparse.ArgumentParser:
    """A command with `--in`, `--json` and `--no-color`."""
    parser = add_command(commands, name, summary, details, parents=parents)
    parser.add_argument("--in", metavar="FOLDER", dest="root", default="runs", help="where to look; default: runs")
    parser.set_defaults(on_failure=3)
    return parser


def add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dataset", metavar="NAME", help="only evaluations on this dataset")
    parser.add_argument("--task", metavar="M:NAME", help="only evaluations of this agent or function")


def chosen(rows: Sequence[RunRow], options: argparse.Namespace) -> list[RunRow]:
    """Those that the filters let pass; what cannot be read passes where there is no filter."""
    return [row for row in rows if options.dataset in {None, row.dataset} and options.task in {None, row.task}]
