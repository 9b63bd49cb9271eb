"""`kaizen-eval cassettes convert`: cassettes of vcrpy to ours, and ours from one form to the other."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.opened import is_stock, read
from kaizen_eval.cli.cassettes.options import Commands, add_command, add_dry_run, add_ignore, add_paths, add_redact
from kaizen_eval.cli.cassettes.places import STDIN, cassettes
from kaizen_eval.cli.output import as_json, legible
from kaizen_eval.errors import RecordingError, UsageError
from kaizen_eval.recording.file import Form, Recording, decode, encode
from kaizen_eval.recording.maintenance.lint import whole
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.stock import convert
from kaizen_eval.recording.writing.keeping import MOST_IN_YAML
from kaizen_eval.recording.writing.storage import remove, write

__all__ = ["add_to"]

_SUMMARY = "make our cassettes of vcrpy's, or YAML of JSON lines and back"
_DETAILS = (
    "In place, unless --output says where to. Secrets are taken out on the way. Exit code 1: a file could not be "
    "converted; the others were."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Converted:
    """What became of one file."""

    source: Path
    target: Path
    data: bytes = b""
    is_new: bool = False
    exchanges: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "convert", _SUMMARY, _DETAILS, parents=parents)
    add_paths(parser, stdin=True)
    parser.add_argument(
        "--to",
        choices=("yaml", "jsonl"),
        help=f"default: yaml, or jsonl for more than {MOST_IN_YAML} exchanges",
    )
    parser.add_argument("--output", metavar="PATH", type=Path, help="a file; a folder for several; - for stdout")
    parser.add_argument("--force", action="store_true", help="overwrite another file that is there")
    add_ignore(parser)
    add_redact(parser)
    add_dry_run(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    paths = cassettes(options.paths)
    _check(paths, options)
    files = [_converted(path, options) for path in paths]
    for file in files:
        if file.is_new and not options.dry_run:
            _put(file, options)
    if options.json:
        as_json({"files": [_fields(file, options) for file in files]})
    elif options.output != STDIN:
        _tell(files, options)
    return int(any(file.problem for file in files))


def _check(paths: Sequence[Path], options: argparse.Namespace) -> None:
    if STDIN in paths and options.output is None:
        raise UsageError("What comes from stdin has no name: say where to with --output; - is stdout.")
    if options.output == STDIN and (options.json or len(paths) != 1):
        raise UsageError("--output - writes one cassette to stdout, and no JSON beside it.")
    if len(paths) > 1 and options.output is not None and not options.output.is_dir():
        raise UsageError(f"Several cassettes need a folder for --output; {str(options.output)!r} is none.")


def _converted(path: Path, options: argparse.Namespace) -> _Converted:
    data = read(path)
    try:
        recording, notes = _recording(data, path, options)
        form = _form(recording, path, options)
        made = encode(recording, form=form)
    except RecordingError as error:
        return _Converted(source=path, target=path, problem=str(error))
    target = _target(path, form, options)
    if target not in {path, STDIN} and target.exists() and not options.force:
        return _Converted(source=path, target=target, problem=f"{target} is there already; --force overwrites it.")
    is_new = target == STDIN or target != path or made != data
    count = len(recording.exchanges)
    return _Converted(source=path, target=target, data=made, is_new=is_new, exchanges=count, notes=notes)


def _recording(data: bytes, path: Path, options: argparse.Namespace) -> tuple[Recording, tuple[str, ...]]:
    """What the file holds, and what its form could not tell."""
    if not is_stock(data):
        return whole(decode(data, path=str(path))), ()
    redactor = Redactor(environment=os.environ, redact=options.redact)
    modified = datetime.now(UTC) if path == STDIN else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    made = convert(data, path=str(path), redactor=redactor, modified=modified, ignore=options.ignore)
    dated = f"recorded at {made.recording.header.recorded_at:%Y-%m-%d}, as {made.dated_by} says"
    return made.recording, (f"{dated}; no times and pieces: vcrpy keeps none",)


def _form(recording: Recording, path: Path, options: argparse.Namespace) -> Form:
    if options.to is not None:
        return "jsonl" if options.to == "jsonl" else "yaml"
    wanted = path if options.output is None or options.output.is_dir() else options.output
    return "jsonl" if wanted.suffix == ".jsonl" or len(recording.exchanges) > MOST_IN_YAML else "yaml"


def _target(path: Path, form: Form, options: argparse.Namespace) -> Path:
    name = path.name if path.suffix == f".{form}" else f"{path.stem}.{form}"
    if options.output is None:
        return path.with_name(name)
    output: Path = options.output
    return output / name if output.is_dir() else output


def _put(file: _Converted, options: argparse.Namespace) -> None:
    """The new file first; the old one goes where the new one takes its place."""
    if file.target == STDIN:
        sys.stdout.flush()
        sys.stdout.buffer.write(file.data)
        return
    write(file.target, file.data)
    if options.output is None and file.target != file.source:
        remove(file.source)


def _fields(file: _Converted, options: argparse.Namespace) -> dict[str, object]:
    return {
        "from": str(file.source),
        "path": str(file.target),
        "written": file.is_new and not options.dry_run,
        "exchanges": file.exchanges,
        "notes": list(file.notes),
        "problem": file.problem or None,
    }


def _tell(files: Sequence[_Converted], options: argparse.Namespace) -> None:
    for file in files:
        told = _told(file, options)
        print(legible(told if told.startswith(f"{file.source}:") else f"{file.source}: {told}"))
        for note in file.notes:
            print(f"  {legible(note)}")


def _told(file: _Converted, options: argparse.Namespace) -> str:
    if file.problem:
        return file.problem
    if not file.is_new:
        return "as it should be"
    would = "would become " if options.dry_run else ""
    return f"{would}{file.target}, {many(file.exchanges, 'exchange')}"
