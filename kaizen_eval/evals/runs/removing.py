"""Removes an evaluation that nobody writes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from kaizen_eval.evals.log.lock import LOCK, locked, unlock
from kaizen_eval.evals.log.scan import FILE

__all__ = ["removed"]


def removed(folder: Path) -> tuple[str, ...]:
    """Remove an evaluation, and its folder unless there is more in it; the names of what is left.

    Raises:
        EvaluationBusy: somebody writes it just now.
        OSError: it cannot be removed.
    """
    lock = locked(folder)
    try:
        (folder / FILE).unlink()
        (folder / LOCK).unlink()
        with suppress(OSError):
            folder.rmdir()
    finally:
        unlock(lock)
    return tuple(sorted(path.name for path in folder.iterdir())) if folder.exists() else ()
