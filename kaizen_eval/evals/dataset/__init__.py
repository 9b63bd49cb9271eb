"""Datasets: cases from YAML, JSONL, CSV or Python, held against a signature with the place of every mistake."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.evals.dataset.dataset import Dataset

__all__ = ["Dataset"]

_HOMES = {"Dataset": "dataset"}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
