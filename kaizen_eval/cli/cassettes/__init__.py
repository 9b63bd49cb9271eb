"""`kaizen-eval cassettes`: looks at cassettes, checks them, and changes them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaizen_eval.cli.cassettes.options import Commands

__all__ = ["add_to"]

_SUMMARY = "look at cassettes, check them, and change them"
_DETAILS = (
    "A PATH is a file, a folder with all that is below it, or a pattern such as 'cassettes/**/test_*.yaml'; the folder "
    "'cassettes' where none is given. Exit codes: 0 all is well; 1 something was found, or failed; 2 wrong usage."
)
_MODULES = (
    "listing",
    "showing",
    "linting",
    "scanning",
    "scrubbing",
    "comparing",
    "pruning",
    "converting",
    "scripting",
    "recovering",
)
"""Loaded where they are meant: other commands take from this package how they print."""


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `cassettes` to the command line."""
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. {_DETAILS}"
    parser = commands.add_parser("cassettes", help=_SUMMARY, description=description, parents=[*parents])
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in _MODULES:
        import_module(f"{__name__}.{name}").add_to(below, parents=parents)
