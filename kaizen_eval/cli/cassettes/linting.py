"""`kaizen-eval cassettes lint`: what is wrong with cassettes, and what can be mended by itself."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.leftovers import is_leftover, leftovers
from kaizen_eval.cli.cassettes.opened import form_of, is_stock, read
from kaizen_eval.cli.cassettes.options import (
    Commands,
    add_command,
    add_dry_run,
    add_ignore,
    add_paths,
    add_redact,
    duration,
)
from kaizen_eval.cli.cassettes.places import STDIN, cassettes
from kaizen_eval.cli.output import as_json, console, legible, show
from kaizen_eval.errors import RecordingError
from kaizen_eval.recording.maintenance.editing import accepted
from kaizen_eval.recording.maintenance.lint import RULES, Problem, linted
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.writing.storage import write

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["add_to"]

_SUMMARY = "check cassettes: torn, edited, unsorted, secret, old, left over"
_RULES = "\n".join(
    fill(sentence, 78, initial_indent=f"  {name:<12}", subsequent_indent=" " * 14) for name, sentence in RULES.items()
)
_Row = tuple[Path, Problem]


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "lint", _SUMMARY, "", parents=parents)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"rules:\n{_RULES}"
    add_paths(parser, stdin=True)
    parser.add_argument("--max-age", metavar="AGE", type=duration, help="as old as a cassette may be: 90d, 12h, 2w")
    parser.add_argument(
        "--accept-edits",
        action="store_true",
        help="write edited cassettes anew, with the digests, keys and sizes of what they hold now",
    )
    add_ignore(parser)
    add_redact(parser)
    add_dry_run(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    paths = [path for path in cassettes(options.paths) if not is_leftover(path)]
    written = _accept(paths, options) if options.accept_edits else []
    problems = [row for path in paths for row in _problems(path, options)]
    problems += [(path, Problem("leftover", _why(path))) for path in leftovers(options.paths)]
    if options.json:
        as_json({"files": len(paths), "accepted": [str(path) for path in written], "problems": _fields(problems)})
    else:
        show(console(options), _drawn(paths, written, problems, options))
    return int(bool(problems))


def _accept(paths: Sequence[Path], options: argparse.Namespace) -> list[Path]:
    written = []
    for path in paths:
        data = read(path)
        if path == STDIN or is_stock(data):
            continue
        try:
            made = accepted(data, path=str(path), form=form_of(path), ignore=options.ignore)
        except RecordingError:
            continue  # what cannot be mended is a row of the report
        if made != data:
            written.append(path)
            if not options.dry_run:
                write(path, made)
    return written


def _problems(path: Path, options: argparse.Namespace) -> list[_Row]:
    data = read(path)
    if is_stock(data):
        return []
    redactor = Redactor(environment=os.environ, redact=options.redact)
    found = linted(data, path=str(path), scanner=redactor, now=datetime.now(UTC), max_age=options.max_age)
    return [(path, problem) for problem in found]


def _why(path: Path) -> str:
    drop = f"drop it: kaizen-eval cassettes prune --leftovers {path}"
    if path.suffix == ".replaced":
        return f"the cassette that a recovered one took the place of; {drop}"
    return f"a recording left it behind; keep it: kaizen-eval cassettes recover {path}, or {drop}"


def _fields(problems: Sequence[_Row]) -> list[dict[str, object]]:
    return [
        {"path": str(path), "line": problem.line, "rule": problem.rule, "text": problem.text}
        for path, problem in problems
    ]


def _drawn(
    paths: Sequence[Path], written: Sequence[Path], problems: Sequence[_Row], options: argparse.Namespace
) -> list[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - only who looks at it needs to draw

    done = "would be written anew" if options.dry_run else "written anew"
    rows: list[RenderableType] = [Text.assemble((legible(str(path)), "cyan"), f": {done}") for path in written]
    for path, problem in problems:
        place = f"{path}:{problem.line}" if problem.line else str(path)
        rows.append(Text.assemble((legible(place), "cyan"), ": ", (problem.rule, "red"), f": {legible(problem.text)}"))
    return [*rows, f"{many(len(paths), 'cassette')}, {many(len(problems), 'problem')}"]
