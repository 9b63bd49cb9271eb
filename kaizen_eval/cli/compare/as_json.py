"""A comparison as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from kaizen_eval.evals.comparison import Comparison, Finding, Flip, Version
from kaizen_eval.evals.manifest import Manifest

__all__ = ["text"]


def text(comparison: Comparison) -> str:
    """In the shape that docs/comparing.md tells."""
    return json.dumps(_finite(_whole(comparison)), indent=2, ensure_ascii=False, default=str) + "\n"


def _whole(comparison: Comparison) -> dict[str, Any]:
    return {
        "verdict": comparison.verdict.value,
        "why": comparison.why,
        "exit_code": comparison.exit_code,
        "confidence": comparison.confidence,
        "is_exact": comparison.is_exact,
        "a": _side(comparison.a, comparison.origins[0]),
        "b": _side(comparison.b, comparison.origins[1]),
        "differs": {differs.what: [differs.a, differs.b] for differs in comparison.differs},
        "metrics": [_finding(finding) for finding in comparison.findings],
        "flips": [_flip(flip) for flip in comparison.flips],
        "only_a": list(comparison.only_a),
        "only_b": list(comparison.only_b),
        "changed": list(comparison.changed),
        "incomplete": list(comparison.incomplete),
        "notes": list(comparison.notes),
        "advice": list(comparison.advice),
    }


def _side(manifest: Manifest, origin: str) -> dict[str, Any]:
    names = ("id", "created", "dataset", "dataset_hash", "task", "strategy", "model", "cassette_hash", "repeats")
    return {"origin": origin} | {name: getattr(manifest, name) for name in names}


def _finding(finding: Finding) -> dict[str, Any]:
    discordant = finding.discordant
    return {
        "name": finding.measure.name,
        "better": finding.measure.better,
        "unit": finding.measure.unit,
        "cases": finding.cases,
        "clusters": finding.clusters,
        "a": {"mean": finding.a.value, "low": finding.a.low, "high": finding.a.high},
        "b": {"mean": finding.b.value, "low": finding.b.low, "high": finding.b.high},
        "difference": finding.difference,
        "low": finding.low,
        "high": finding.high,
        "worst": finding.worst,
        "best": finding.best,
        "method": finding.method,
        "worse_cases": finding.worse_cases,
        "p": finding.p,
        "p_holm": finding.p_holm,
        "margin": finding.margin,
        "verdict": None if finding.verdict is None else finding.verdict.value,
        "p_worse": finding.p_worse,
        "detectable": finding.detectable,
        "repeats_needed": finding.repeats,
        "cases_needed": finding.cases_needed,
        "mcnemar": None if discordant is None else discordant._asdict(),
        "unjudged": list(finding.unjudged),
    }


def _flip(flip: Flip) -> dict[str, Any]:
    return {
        "case": flip.case,
        "change": flip.change,
        "what": list(flip.what),
        "tags": list(flip.tags),
        "inputs": flip.inputs,
        "expected": flip.expected,
        "a": _version(flip.a),
        "b": _version(flip.b),
    }


def _version(version: Version) -> dict[str, Any]:
    return version._asdict()


def _finite(value: Any) -> Any:
    """JSON knows no infinity: what is unlimited is null."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
