"""What the commands on cassettes take alike."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeAlias

__all__ = ["Commands", "add_command", "add_dry_run", "add_ignore", "add_paths", "add_redact", "duration", "slots"]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(rf"([0-9]{{1,6}})([{''.join(_UNITS)}])")
_SLOTS = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def add_command(
    commands: Commands, name: str, summary: str, details: str, *, parents: Sequence[argparse.ArgumentParser]
) -> argparse.ArgumentParser:
    """A command with `--json` and `--no-color`."""
    description = f"{summary[0].upper()}{summary[1:]}. {details}".strip()
    parser = commands.add_parser(name, help=summary, description=description, parents=[*parents])
    parser.add_argument("--json", action="store_true", help="what was found, as JSON")
    parser.add_argument("--no-color", action="store_true", help="plain text; so does the variable NO_COLOR")
    return parser


def add_paths(parser: argparse.ArgumentParser, *, stdin: bool = False) -> None:
    also = "; - reads stdin" if stdin else ""
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", help=f"files, folders, patterns; default: the folder 'cassettes'{also}"
    )


def add_dry_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def add_ignore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ignore",
        metavar="FIELD",
        action="append",
        default=[],
        help="a path that the tests ignore too, such as metadata.trace_id; may be given several times",
    )


def add_redact(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--redact",
        metavar="NAME",
        action="append",
        default=[],
        help="more that is secret: a name, or a regular expression in slashes; may be given several times",
    )


def duration(text: str) -> timedelta:
    """Such as "90d", "12h", "2w"."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age: a number with a unit of {', '.join(_UNITS)}: 90d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def slots(text: str) -> frozenset[int]:
    """Such as "3,5,9-12"."""
    chosen: set[int] = set()
    for part in text.split(","):
        found = _SLOTS.fullmatch(part.strip())
        if found is None or int(found[1]) == 0 or int(found[2] or found[1]) - int(found[1]) not in range(1_000_000):
            raise argparse.ArgumentTypeError(f"{text!r} is no list of slots: whole numbers from 1, such as 3,5,9-12")
        chosen.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    return frozenset(chosen)
