"""Run folders: which there are, how figures have changed, what can go, how parts are put together."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True; typing itself costs more to import than this whole module
if TYPE_CHECKING:
    from kaizen_eval.evals.runs.listing import run_folder, runs_in
    from kaizen_eval.evals.runs.merging import merged
    from kaizen_eval.evals.runs.run_row import RunRow
    from kaizen_eval.evals.runs.trend import Trend, key_of, trends

__all__ = ["RunRow", "Trend", "key_of", "merged", "run_folder", "runs_in", "trends"]

_HOMES = {
    "RunRow": "run_row",
    "Trend": "trend",
    "key_of": "trend",
    "merged": "merging",
    "run_folder": "listing",
    "runs_in": "listing",
    "trends": "trend",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
