"""`kaizen-eval runs`: looks at evaluations that are kept in folders, and lets go of old ones."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from kaizen_eval.cli.cassettes.options import Commands
from kaizen_eval.cli.runs import listing, pruning, showing, trending

__all__ = ["add_to"]

_SUMMARY = "look at evaluations, and let go of old ones"
_DETAILS = (
    "They are looked for in the folder 'runs', or where --in says. Exit codes: 0 done; 1 one cannot be read; 2 wrong "
    "usage; 3 there is no such evaluation or folder."
)
_MODULES = (listing, showing, trending, pruning)
"""In the order in which they are shown."""


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `runs` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("runs", help=_SUMMARY, description=description, parents=[*parents])
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _MODULES:
        module.add_to(below, parents=parents)
