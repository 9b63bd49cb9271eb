"""`kaizen-eval cassettes script`: a cassette as a script for the fake, to be served and changed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kaizen_eval.amounts import many
from kaizen_eval.cli.cassettes.opened import recording_at
from kaizen_eval.cli.cassettes.options import Commands, add_command
from kaizen_eval.cli.cassettes.places import single
from kaizen_eval.cli.output import as_json, legible
from kaizen_eval.errors import RecordingError

__all__ = ["add_to"]

_SUMMARY = "make a script for the fake, which says what was recorded"
_DETAILS = (
    "Prints it, unless --output says where to. It is served by `kaizen-eval serve --script FILE`, and can be changed "
    "like any script. What the fake has no endpoint for is left out, and told."
)


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "script", _SUMMARY, _DETAILS, parents=parents)
    parser.add_argument("path", metavar="PATH", help="a cassette; - reads stdin")
    parser.add_argument("--output", metavar="FILE", type=Path, help="where to write it; its name ends in .yaml")
    parser.add_argument("--force", action="store_true", help="overwrite another file that is there")
    parser.add_argument(
        "--pace",
        choices=("recorded", "instant"),
        default="recorded",
        help="whether replies take as long as they took; default: %(default)s",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from kaizen_eval.recording.script.compiling import compiled  # noqa: PLC0415 - loads all that the fake is made of
    from kaizen_eval.recording.script.writing import script_of  # noqa: PLC0415 - likewise

    path = single(options.path)
    recording = recording_at(path)
    text = script_of(recording, pace=options.pace, name=path.name)
    rules, skipped = compiled(recording)
    if options.output is not None:
        _write(text, options.output, force=options.force)
    if options.json:
        as_json({"rules": len(rules), "skipped": [one.slot for one in skipped], "script": text})
    elif options.output is None:
        print(text, end="")
    else:
        print(legible(f"{path}: {options.output}, {many(len(rules), 'rule')}"))
    if skipped:
        slots = ", ".join(str(one.slot) for one in skipped)
        print(f"kaizen-eval: left out, as the fake has no such endpoint: {slots}", file=sys.stderr)


def _write(text: str, path: Path, *, force: bool) -> None:
    from kaizen_eval.recording.writing.storage import write  # noqa: PLC0415 - only who writes needs it

    if path.exists() and not force:
        raise RecordingError(f"{path} is there already; --force overwrites it.", path=str(path))
    write(path, text.encode())
