"""Where reports of an evaluation go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TextIO

from kaizen_eval.cli.destination import STDOUT, refuse_unwritable, write
from kaizen_eval.cli.evaluate.finished import Finished

__all__ = ["check_files", "has_stdout", "opened_stream", "write_files"]

_FORMS = ("json", "junit", "markdown", "html")
"""Each is a module, `as_json` and so on, which is loaded where it is asked for."""
_NAMES = (*_FORMS, "jsonl")


def check_files(options: argparse.Namespace) -> None:
    """That they cannot be written is no surprise for the end.

    Raises:
        UsageError: one cannot be written, or several are to go to stdout.
    """
    refuse_unwritable({name: file for name in _NAMES if (file := getattr(options, name)) is not None})


def has_stdout(options: argparse.Namespace) -> bool:
    """Whether a report goes to stdout, where nothing else may stand then."""
    return any(getattr(options, name) == STDOUT for name in _NAMES)


@contextmanager
def opened_stream(options: argparse.Namespace) -> Iterator[TextIO | None]:
    """Where happenings go; an evaluation that is resumed adds to what is there."""
    if options.jsonl is None or options.jsonl == STDOUT:
        yield None if options.jsonl is None else sys.stdout
        return
    with Path(options.jsonl).open("a" if options.resume else "w", encoding="utf-8") as file:
        yield file


def write_files(finished: Finished, options: argparse.Namespace) -> None:
    for name in _FORMS:
        file = getattr(options, name)
        if file is None:
            continue
        text: str = import_module(f"kaizen_eval.cli.evaluate.as_{name}").text(finished)
        write(file, text, append=name == "markdown")
