"""`kaizen-eval check`: hold a strategy against the laws."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

__all__ = ["add_to"]


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `check` to the command line."""
    parser = commands.add_parser("check", help="hold a strategy against the laws", parents=[*parents])
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> int:
    return 2
