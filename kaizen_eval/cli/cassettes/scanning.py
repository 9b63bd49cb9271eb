"""`kaizen-eval cassettes scan`: secrets in cassettes, or in any text, by line and kind."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.opened import is_stock, read
from kaizen_eval.cli.cassettes.options import Commands, add_command, add_paths, add_redact
from kaizen_eval.cli.cassettes.places import texts
from kaizen_eval.cli.output import as_json, console, legible, show
from kaizen_eval.errors import CassetteCorrupt
from kaizen_eval.recording.file import decode
from kaizen_eval.recording.maintenance import stock_secrets
from kaizen_eval.recording.maintenance.editing import plain_text
from kaizen_eval.recording.maintenance.sighting import Sighting, in_exchanges, in_text
from kaizen_eval.recording.redaction import Redactor

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["add_to", "seen_in"]

_SUMMARY = "look for secrets in cassettes, ours or vcrpy's, and in any text"
_DETAILS = "Tells the line and the kind, never the value; also the values of secret-named environment variables count."
_Row = tuple[Path, Sighting]


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "scan", _SUMMARY, _DETAILS, parents=parents)
    add_paths(parser, stdin=True)
    add_redact(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    files = [(path, read(path)) for path in texts(options.paths)]
    looked = [(path, data) for path, data in files if b"\0" not in data]
    rows = [(path, seen) for path, data in looked for seen in seen_in(path, data, _redactor(options))]
    if options.json:
        as_json({"files": len(looked), "skipped": len(files) - len(looked), "findings": [_fields(row) for row in rows]})
    else:
        show(console(options), _drawn(rows, len(looked), len(files) - len(looked)))
    return int(bool(rows))


def seen_in(path: Path, data: bytes, redactor: Redactor) -> tuple[Sighting, ...]:
    """A cassette is looked at exchange by exchange; what cannot be read as one, line by line."""
    try:
        if is_stock(data):
            return stock_secrets.sightings(stock_secrets.read(data, path=str(path)), redactor, path=str(path))
        recording = decode(data, path=str(path), accept_edits=True)
    except CassetteCorrupt:
        return in_text(data.decode("utf-8", "replace"), redactor)
    return in_exchanges(recording.exchanges, plain_text(data), redactor)


def _redactor(options: argparse.Namespace) -> Redactor:
    return Redactor(environment=os.environ, redact=options.redact)


def _fields(row: _Row) -> dict[str, object]:
    path, seen = row
    return {"path": str(path), "line": seen.line, "kind": seen.kind, "where": seen.where}


def _drawn(rows: Sequence[_Row], looked: int, skipped: int) -> list[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - only who looks at it needs to draw

    parts: list[RenderableType] = []
    for path, seen in rows:
        where = f"  {legible(seen.where)}" if seen.where else ""
        parts.append(Text.assemble((legible(f"{path}:{seen.line}"), "cyan"), ": ", (seen.kind, "red"), where))
    binary = f", {many(skipped, 'binary file')} skipped" if skipped else ""
    return [*parts, f"{many(looked, 'file')}, {many(len(rows), 'finding')}{binary}"]
