"""A check's report as a page, in the style of the reports on evaluations."""

from __future__ import annotations

from kaizen_eval.cli.check import as_json
from kaizen_eval.cli.check.words import effort, figures, head, regression
from kaizen_eval.conformance.checking import CheckReport
from kaizen_eval.evals.reports.document import document

__all__ = ["text"]


def text(report: CheckReport, seconds: float) -> str:
    data = as_json.data(report, seconds)
    told = {
        "state": "pass" if report.is_kept and not report.is_regressed else "fail",
        "sentence": head(report),
        "regression": regression(report),
        "effort": effort(report, seconds),
        "figures": figures(report),
    }
    return document("check", title=f"{report.subject} - kaizen-eval check", data={**data, **told})
