"""`kaizen-eval eval`: evaluate an agent on a dataset."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TypeAlias

from kaizen_eval.cli.evaluate.options import add_options

__all__ = ["Commands", "add_to"]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it

_SUMMARY = "evaluate an agent on a dataset"
_DETAILS = (
    "What an evaluation does is kept in a folder as it happens: one that was killed goes on with --resume. Exit codes: "
    "0 all was run and judged, and what must hold does; 1 it does not (--fail-under, --baseline); 2 wrong usage; 3 "
    "something was not run, could not be judged, or failed outside of the agent; 4 the comparison cannot tell; 130 "
    "interrupted."
)


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `eval` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("eval", help=_SUMMARY, description=description, parents=[*parents])
    add_options(parser)
    parser.set_defaults(run=_run, on_failure=3)


def _run(options: argparse.Namespace) -> int:
    from kaizen_eval.cli.evaluate.evaluating import run  # noqa: PLC0415 - other commands need none of it

    return run(options)
