"""Comparison of two evaluations: paired by case, with a verdict of three states."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True; typing itself costs more to import than this whole module
if TYPE_CHECKING:
    from kaizen_eval.evals.comparison.baseline import Baseline, bless, gate
    from kaizen_eval.evals.comparison.comparing import compare
    from kaizen_eval.evals.comparison.found import (
        Comparison,
        Differs,
        Discordant,
        Finding,
        Flip,
        Mean,
        Verdict,
        Version,
    )

__all__ = [
    "Baseline",
    "Comparison",
    "Differs",
    "Discordant",
    "Finding",
    "Flip",
    "Mean",
    "Verdict",
    "Version",
    "bless",
    "compare",
    "gate",
]

_HOMES = {
    "Baseline": "baseline",
    "Comparison": "found",
    "Differs": "found",
    "Discordant": "found",
    "Finding": "found",
    "Flip": "found",
    "Mean": "found",
    "Verdict": "found",
    "Version": "found",
    "bless": "baseline",
    "compare": "comparing",
    "gate": "baseline",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
