"""Which evaluations are let go of, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from kaizen_eval.evals.log.lock import LOCK, locked, unlock
from kaizen_eval.evals.log.scan import FILE
from kaizen_eval.evals.runs.run_row import RunRow

__all__ = ["dispensable", "removed"]


def dispensable(
    runs: Sequence[RunRow], *, now: datetime, older_than: timedelta | None = None, keep: int | None = None
) -> list[RunRow]:
    """Those that are older, and have `keep` complete ones of the same dataset and task after them.

    What runs, or cannot be read, is never among them.
    """
    newer: Counter[tuple[str, str]] = Counter()
    chosen = []
    for run in reversed(runs):
        if run.state in {"running", "unreadable"}:
            continue
        is_old = older_than is None or now - datetime.fromisoformat(run.created) > older_than
        if is_old and newer[run.dataset, run.task] >= (keep or 0):
            chosen.append(run)
        newer[run.dataset, run.task] += run.state == "complete"
    return chosen[::-1]


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
