"""`kaizen-eval cassettes scrub`: takes secrets out of cassettes, in place."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.opened import is_stock, read
from kaizen_eval.cli.cassettes.options import Commands, add_command, add_dry_run, add_ignore, add_paths, add_redact
from kaizen_eval.cli.cassettes.places import STDIN, cassettes
from kaizen_eval.cli.cassettes.scanning import seen_in
from kaizen_eval.cli.output import as_json, console, legible, show
from kaizen_eval.errors import RecordingError, UsageError
from kaizen_eval.recording.file import decode, encode
from kaizen_eval.recording.maintenance import stock_secrets
from kaizen_eval.recording.maintenance.scrubbing import scrubbed
from kaizen_eval.recording.maintenance.sighting import Sighting
from kaizen_eval.recording.redaction import Redactor
from kaizen_eval.recording.writing.storage import write

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["add_to"]

_SUMMARY = "take secrets out of cassettes, ours or vcrpy's, in place"
_DETAILS = (
    "Each file is replaced whole or not at all; keys and digests are made anew, so that tests replay it as before. "
    "Exit code 1: something is left that must be taken out by hand. Secrets that were committed are in the history of "
    "the repository still: revoke them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cleaned:
    """What became of one file."""

    path: Path
    data: bytes
    is_changed: bool
    taken: tuple[Sighting, ...]
    left: tuple[Sighting, ...]
    keys: int = 0
    problem: str = ""


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "scrub", _SUMMARY, _DETAILS, parents=parents)
    add_paths(parser)
    add_redact(parser)
    add_ignore(parser)
    add_dry_run(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    paths = cassettes(options.paths)
    if STDIN in paths:
        raise UsageError("scrub changes files in place; expected files or folders, not stdin.")
    files = [_cleaned(path, options) for path in paths]
    for file in files:
        if file.is_changed and not options.dry_run:
            write(file.path, file.data)
    if options.json:
        as_json({"files": [_fields(file, options) for file in files]})
    else:
        show(console(options), _drawn(files, options))
    return int(any(file.left or file.problem for file in files))


def _cleaned(path: Path, options: argparse.Namespace) -> _Cleaned:
    data = read(path)
    try:
        made, keys = _made(path, data, options)
    except RecordingError as error:
        return _Cleaned(path=path, data=data, is_changed=False, taken=(), left=(), problem=str(error))
    before, left = _seen(path, data, options), _seen(path, made, options)
    gone = {(one.kind, one.where) for one in left}
    taken = tuple(one for one in before if (one.kind, one.where) not in gone)
    return _Cleaned(path=path, data=made, is_changed=made != data, taken=taken, left=left, keys=keys)


def _made(path: Path, data: bytes, options: argparse.Namespace) -> tuple[bytes, int]:
    """The file without secrets, and how many keys are others; the very same bytes where there was none."""
    if is_stock(data):
        file = stock_secrets.read(data, path=str(path))
        clean = stock_secrets.scrubbed(file, _redactor(options))
        return (stock_secrets.written(clean), 0) if clean.content != file.content else (data, 0)
    recording = decode(data, path=str(path))
    clean_one = scrubbed(recording, environment=os.environ, redact=options.redact, ignore=options.ignore)
    if not clean_one.slots:
        return data, 0
    return encode(clean_one.recording, form="jsonl" if data.startswith(b"{") else "yaml"), clean_one.keys


def _seen(path: Path, data: bytes, options: argparse.Namespace) -> tuple[Sighting, ...]:
    return seen_in(path, data, _redactor(options))


def _redactor(options: argparse.Namespace) -> Redactor:
    return Redactor(environment=os.environ, redact=options.redact)


def _fields(file: _Cleaned, options: argparse.Namespace) -> dict[str, object]:
    return {
        "path": str(file.path),
        "written": file.is_changed and not options.dry_run,
        "removed": [one._asdict() for one in file.taken],
        "left": [one._asdict() for one in file.left],
        "keys_renewed": file.keys,
        "problem": file.problem or None,
    }


def _drawn(files: Sequence[_Cleaned], options: argparse.Namespace) -> list[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - only who looks at it needs to draw

    done = "would be taken out" if options.dry_run else "taken out"
    parts: list[RenderableType] = []
    for file in files:
        path = legible(str(file.path))
        for sightings, told, style in ((file.taken, done, "green"), (file.left, "left: take it out by hand", "red")):
            parts += [
                Text.assemble((f"{path}:{one.line}", "cyan"), f": {one.kind}  {legible(one.where)}  ", (told, style))
                for one in sightings
            ]
        if file.problem:
            parts.append(Text(legible(file.problem), "red"))
    changed = sum(file.is_changed for file in files)
    keys = f", {many(sum(file.keys for file in files), 'key')} renewed" if any(file.keys for file in files) else ""
    return [*parts, f"{many(len(files), 'file')}, {changed} {'to be ' if options.dry_run else ''}changed{keys}"]
