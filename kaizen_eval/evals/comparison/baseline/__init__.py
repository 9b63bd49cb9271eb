"""Baselines: evaluations that somebody blessed, as small files that are kept beside the code."""

from __future__ import annotations

from kaizen_eval.evals.comparison.baseline.blessing import bless
from kaizen_eval.evals.comparison.baseline.file import Baseline, Gate, Key, read_baselines
from kaizen_eval.evals.comparison.baseline.gating import gate

__all__ = ["Baseline", "Gate", "Key", "bless", "gate", "read_baselines"]
