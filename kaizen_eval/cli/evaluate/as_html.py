"""An evaluation as a page."""

from __future__ import annotations

from pathlib import Path

from kaizen_eval.cli.evaluate.finished import Finished
from kaizen_eval.cli.trend import runs_around, trend_of
from kaizen_eval.evals.log import Log
from kaizen_eval.evals.reports import report

__all__ = ["text"]


def text(finished: Finished) -> str:
    """Beside the evaluation that is its baseline, where that is one that was kept whole."""
    against = None if finished.comparison is None else Path(finished.comparison.origins[0])
    is_kept = against is not None and against.is_dir()
    kept = Log.open(against) if against and is_kept else None
    runs = runs_around(Path(finished.folder))
    trend = () if runs is None else trend_of(finished.manifest, runs)
    return report(Log.open(finished.folder), against=kept, comparison=finished.comparison, trend=trend)
