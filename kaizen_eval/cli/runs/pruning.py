"""`kaizen-eval runs prune`: removes old evaluations."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.options import Commands, add_dry_run, duration
from kaizen_eval.cli.numbers import any_count
from kaizen_eval.cli.output import as_json, legible
from kaizen_eval.cli.runs.options import add_filters, add_runs_command, chosen
from kaizen_eval.errors import UsageError

if TYPE_CHECKING:
    from kaizen_eval.evals.runs import RunRow

__all__ = ["add_to"]

_SUMMARY = "remove old evaluations"
_DETAILS = (
    "With both options, those are removed that are older and not among the newest. What is running, or cannot be read, "
    "stays; and so does whatever else stands in a folder."
)


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_runs_command(commands, "prune", _SUMMARY, _DETAILS, parents=parents)
    parser.add_argument("--older-than", metavar="AGE", type=duration, help="such as 90d, 12h, 2w")
    parser.add_argument(
        "--keep",
        metavar="N",
        type=any_count,
        help="keep the newest N that are complete of each dataset and task, and what is newer",
    )
    add_filters(parser)
    add_dry_run(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from kaizen_eval.evals.runs import runs_in  # noqa: PLC0415 - other commands need none of it
    from kaizen_eval.evals.runs.pruning import dispensable  # noqa: PLC0415 - as above

    if options.older_than is None and options.keep is None:
        raise UsageError("What is to go was not said: --older-than 90d, --keep 20, or both.")
    rows = dispensable(
        chosen(runs_in(options.root), options),
        now=datetime.now(UTC),
        older_than=options.older_than,
        keep=options.keep,
    )
    done = [(row, () if options.dry_run else _removed(row, options.root)) for row in rows]
    if options.json:
        as_json({"dry_run": options.dry_run, "pruned": [_fields(row, left, options.root) for row, left in done]})
    else:
        _tell(done, options)


def _removed(row: RunRow, root: str) -> tuple[str, ...]:
    from kaizen_eval.evals.runs.removing import removed  # noqa: PLC0415 - as above

    return removed(Path(root, row.folder))


def _fields(row: RunRow, left: Sequence[str], root: str) -> dict[str, Any]:
    return {"id": row.id, "folder": str(Path(root, row.folder)), "bytes": row.bytes, "left": list(left)}


def _tell(done: Sequence[tuple[RunRow, Sequence[str]]], options: argparse.Namespace) -> None:
    from kaizen_eval.cli.runs.figures import moment  # noqa: PLC0415 - as above
    from kaizen_eval.recording.conversation.contents import size  # noqa: PLC0415 - as above

    for row, left in done:
        rest = f"; left there: {', '.join(left)}" if left else ""
        print(legible(f"{Path(options.root, row.folder)} ({row.dataset}, {moment(row.created)}){rest}"))
    verb = "would be removed" if options.dry_run else "removed"
    print(f"{many(len(done), 'evaluation')} {verb}, {size(sum(row.bytes for row, _ in done))}.")
