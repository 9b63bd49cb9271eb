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
    description = f"{_SUMMARY[0].upper()}{_SUMMARY[1:]}. What exists is kept."
    parser = commands.add_parser("init", help=_SUMMARY, description=description, parents=[*parents])
    parser.add_argument("folder", metavar="FOLDER", nargs="?", type=Path, default=Path(), help="default: here")
    parser.add_argument("--force", action="store_true", help="overwrite the suite and the CI job")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="say what was done as JSON")
    output.add_argument("--quiet", action="store_true", help="say only what is left to you")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    folder: Path = options.folder
    steps = plan(_look_at(folder), force=options.force)
    writes = {folder / step.path: step.text for step in steps if step.text is not None}
    for path in writes:
        _refuse_what_is_in_the_way_of(path)
    for path, text in writes.items():
        _write(path, text)
    print(_as_json(steps) if options.json else _as_text(steps, folder, quiet=options.quiet), end="")


def _look_at(folder: Path) -> Repository:
    return Repository(
        existing=frozenset(name for name in WHOLE if (folder / name).is_file()),
        texts={name: (folder / name).read_bytes().decode() for name in READ if (folder / name).is_file()},
    )


def _refuse_what_is_in_the_way_of(path: Path) -> None:
    if path.is_dir():
        raise UsageError(f"{str(path)!r} is a folder where init writes a file; nothing was written.")
    for parent in path.parents:
        if parent.exists() and not parent.is_dir():
            raise UsageError(f"{str(parent)!r} is a file where init needs a folder; nothing was written.")


def _write(path: Path, text: str) -> None:
    """With the line ends that the text has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


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
