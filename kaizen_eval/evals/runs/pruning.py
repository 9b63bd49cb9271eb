"""Which evaluations can be let go of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from kaizen_eval.evals.runs.run_row import RunRow

__all__ = ["dispensable"]


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
