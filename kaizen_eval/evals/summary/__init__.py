"""What an evaluation comes to: figures over all its trials, none of which is left out."""

from __future__ import annotations

from kaizen_eval.evals.summary.figures import Latency, Rate, Reliability, ScorerFigures, Summary, TagFigures
from kaizen_eval.evals.summary.tally import Tally, summarised

__all__ = ["Latency", "Rate", "Reliability", "ScorerFigures", "Summary", "TagFigures", "Tally", "summarised"]
