"""`kaizen-eval selftest`: show that the laws catch every strategy that is broken on purpose."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

__all__ = ["add_to"]


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `selftest` to the command line."""
    parser = commands.add_parser(
        "selftest", help="show that the laws catch every strategy that is broken on purpose", parents=[*parents]
    )
    parser.set_defaults(run=_run)


def _run(_: argparse.Namespace) -> int:
    return 2
