"""A subject's accepted figures, kept in the repository, and what has changed since."""

from __future__ import annotations

from kaizen_eval.conformance.baseline.baseline import Baseline
from kaizen_eval.conformance.baseline.comparison import Change, Comparison, compare
from kaizen_eval.conformance.baseline.figures import FIGURES, Figures
from kaizen_eval.conformance.baseline.measuring import measure

__all__ = ["FIGURES", "Baseline", "Change", "Comparison", "Figures", "compare", "measure"]
