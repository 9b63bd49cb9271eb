"""`kaizen-eval init`: a first suite for somebody's own repository."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.cli.scaffold import READ, WHOLE, Repository, plan
from kaizen_eval.cli.step import Step
from kaizen_eval.errors import UsageError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it

__all__ = ["add_to"]

_SUMMARY = "write a first suite, a CI job and the pytest settings into a repository"


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    """Add `init` to the command line."""
    description = f"{_SUMMARY.capitalize()}. What exists is kept."
    parser = commands.add_parser("init", help=_SUMMARY, description=description, parents=[*parents])
    parser.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, default=Path(), help="default: here")
    parser.add_argument("--force", action="store_true", help="overwrite the suite and the CI job")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="say what was done as JSON")
    output.add_argument("--quiet", action="store_true", help="say only what is left to you")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    folder: Path = options.folder
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{str(folder)!r} is a file; init takes the folder of a repository.")
    steps = plan(_look_at(folder), force=options.force)
    for step in steps:
        _carry_out(folder, step)
    print(_as_json(steps) if options.json else _as_text(steps, folder, quiet=options.quiet), end="")


def _look_at(folder: Path) -> Repository:
    return Repository(
        existing=frozenset(name for name in WHOLE if (folder / name).exists()),
        texts={name: (folder / name).read_text("utf-8") for name in READ if (folder / name).is_file()},
    )


def _carry_out(folder: Path, step: Step) -> None:
    if step.text is None:
        return
    path = folder / step.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(step.text, "utf-8")


def _as_json(steps: Sequence[Step]) -> str:
    """For each file its path, the action and the note; texts are in the files."""
    rows = [dataclasses.asdict(step) for step in steps]
    return json.dumps([{name: row[name] for name in ("path", "action", "note")} for row in rows], indent=2) + "\n"


def _as_text(steps: Sequence[Step], folder: Path, *, quiet: bool) -> str:
    lines = [_line(step) for step in steps if not quiet or step.action == "left to you"]
    if not quiet:
        where = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
        lines.append(f"\nNow run: {where}python -m pytest suites/")
    return "".join(f"{line}\n" for line in lines)


def _line(step: Step) -> str:
    note = f": {step.note.rstrip()}" if step.note else ""
    return f"{step.action:<11}  {step.path}{note}"
