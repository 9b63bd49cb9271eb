"""`kaizen-eval merge`: puts the parts of an evaluation together."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.options import Commands, add_command
from kaizen_eval.cli.output import as_json, legible

__all__ = ["add_to"]

_SUMMARY = "put the parts of an evaluation together that several machines have done"
_DETAILS = (
    "Each was made with --shard I/N, and all of them are needed, each complete. Exit codes: 0 done; 2 wrong usage, or "
    "parts of unlike evaluations; 3 a part or a case is missing, or a folder cannot be read or written."
)


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `merge` to the command line."""
    parser = add_command(commands, "merge", _SUMMARY, _DETAILS, parents=parents)
    parser.add_argument("parts", metavar="RUN", nargs="+", help="the folder of a part")
    parser.add_argument("-o", "--out", metavar="FOLDER", required=True, help="where the whole is kept")
    parser.set_defaults(run=_run, on_failure=3)


def _run(options: argparse.Namespace) -> None:
    from kaizen_eval.evals.runs import merged  # noqa: PLC0415 - other commands need none of it

    log = merged(options.parts, out=options.out)
    cases = log.ledger.planned // log.manifest.repeats
    if options.json:
        as_json({"id": log.manifest.id, "folder": str(log.folder), "cases": cases, "trials": log.ledger.planned})
    else:
        parts = many(len(options.parts), "part")
        print(f"{parts}, {many(cases, 'case')}, {many(log.ledger.planned, 'trial')}: {legible(str(log.folder))}")
