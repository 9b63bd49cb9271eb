"""An evaluation as a page: one file of HTML that opens offline."""

from __future__ import annotations

from kaizen_eval.evals.reports.evaluation_page import report
from kaizen_eval.evals.reports.sources import Readable, TrendPoint

__all__ = ["Readable", "TrendPoint", "report"]
