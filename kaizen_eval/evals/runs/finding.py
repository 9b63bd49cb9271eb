"""Finds run folders: those that hold a log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from kaizen_eval.evals.log.scan import FILE

__all__ = ["Found", "found_below"]

_HIDDEN = "."


class Found:
    """A run folder, and what tells whether its log is still the one that was read."""

    __slots__ = ("bytes", "folder", "mark")

    def __init__(self, folder: Path, status: os.stat_result) -> None:
        self.folder = folder
        self.bytes = status.st_size
        self.mark = f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"


def found_below(root: Path) -> Iterator[Found]:
    """In the order of their names. Hidden folders are passed by, and so is what stands within a run folder."""
    for place, below, files in os.walk(root, followlinks=False):
        below[:] = sorted(name for name in below if not name.startswith(_HIDDEN))
        if FILE in files:
            below.clear()
            try:
                yield Found(Path(place), (Path(place) / FILE).stat())
            except OSError:  # removed meanwhile, or not to be looked at
                continue
