"""A check's report as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from kaizen_eval.cli.check.words import diagram
from kaizen_eval.conformance.checking import CheckReport, LawReport

__all__ = ["SCHEMA", "data", "text"]

SCHEMA = 1
_WIDTH = 120


def text(report: CheckReport, seconds: float) -> str:
    return json.dumps(data(report, seconds), indent=2) + "\n"


def data(report: CheckReport, seconds: float) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "target": report.target,
        "subject": report.subject,
        "effort": report.effort,
        "seed": report.seed,
        "kept": report.is_kept,
        "regressed": report.is_regressed,
        "counts": dict(sorted(report.counts.items())),
        "situations": report.examples,
        "runs": report.runs,
        "seconds": round(seconds, 3),
        "laws": [_law(law) for law in report.laws],
        "notices": list(report.notices),
        "comparison": None if report.comparison is None else asdict(report.comparison),
    }


def _law(law: LawReport) -> dict[str, Any]:
    return {
        "id": law.id,
        "group": law.group,
        "sentence": law.sentence,
        "source": law.source,
        "verdict": law.verdict,
        "reason": law.reason,
        "situations": law.examples,
        "runs": law.runs,
        "seconds": law.seconds,
        "moments": [asdict(moment) for moment in law.moments],
        "diagram": diagram(law, _WIDTH),
        "test": law.test,
    }
