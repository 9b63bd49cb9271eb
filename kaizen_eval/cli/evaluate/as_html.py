"""An evaluation as a page."""

from __future__ import annotations

from kaizen_eval.cli.evaluate.finished import Finished
from kaizen_eval.evals.log import Log
from kaizen_eval.evals.reports import report

__all__ = ["text"]


def text(finished: Finished) -> str:
    return report(Log.open(finished.folder))
