"""`kaizen-eval cassettes recover`: makes a cassette of what a recording left behind."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence

from kaizen_eval.cli.cassettes.options import Commands, add_command, add_redact
from kaizen_eval.cli.output import as_json, legible

__all__ = ["add_to"]

_SUMMARY = "make a cassette of what a recording left behind"
_DETAILS = (
    "A recording that was killed leaves .partial, one whose test failed or that held a secret .rejected. What is made "
    "takes the cassette's place; a cassette that stood there is kept beside it, as .replaced."
)


def add_to(commands: Commands, *, parents: Sequence[argparse.ArgumentParser]) -> None:
    parser = add_command(commands, "recover", _SUMMARY, _DETAILS, parents=parents)
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="NAME.yaml.partial, NAME.yaml.rejected, or the cassette"
    )
    add_redact(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from kaizen_eval.recording.writing.recover import recover  # noqa: PLC0415 - loads all that records

    made: list[tuple[str, str, list[str]]] = []
    for text in options.paths:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            path = recover(text, redact=options.redact)
        made.append((text, str(path), [str(one.message) for one in told]))
    if options.json:
        as_json({"recovered": [{"from": source, "path": path, "warnings": notes} for source, path, notes in made]})
        return
    for source, place, notes in made:
        print(legible(f"{place}: recovered from {source}"))
        for note in notes:
            print(f"  {legible(note)}")
