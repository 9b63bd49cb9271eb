"""Where a command writes what it tells: into a file, or, as -, to stdout."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from kaizen_eval.errors import UsageError

__all__ = ["STDOUT", "refuse_unwritable", "write"]

STDOUT = "-"


def refuse_unwritable(files: Mapping[str, str]) -> None:
    """Before the work begins: that a report cannot be written is no surprise for the end.

    Args:
        files: by option, without its dashes.

    Raises:
        UsageError: one cannot be written, or several are to go to stdout.
    """
    if list(files.values()).count(STDOUT) > 1:
        raise UsageError("Only one report can go to stdout; name a file for the others.")
    for option, file in files.items():
        path = Path(file)
        if file != STDOUT and (path.is_dir() or not path.parent.is_dir()):
            what = "is a folder" if path.is_dir() else f"stands in the folder {str(path.parent)!r}, which is not there"
            raise UsageError(f"--{option} {file!r} cannot be written: it {what}.")


def write(file: str, text: str, *, append: bool = False) -> None:
    """`append`: $GITHUB_STEP_SUMMARY may hold what other steps said."""
    if file == STDOUT:
        sys.stdout.write(text)
        return
    with Path(file).open("a" if append else "w", encoding="utf-8") as opened:
        opened.write(text)
