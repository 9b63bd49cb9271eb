"""What came of judging a client, as JUnit XML: a test case for each law; what is not shown is skipped."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.cli.junit import Case, Told, document
from kaizen_eval.conformance.clients.moments import moments
from kaizen_eval.conformance.clients.report import Report, Ruling
from kaizen_eval.conformance.diagram import drawn

__all__ = ["text"]

_WIDTH = 120


def text(report: Report) -> str:
    cases = (Case("kaizen_eval.judge", ruling.law.id, _told(ruling)) for ruling in report.rulings)
    return document("kaizen-eval judge", " ".join(report.command), cases, report.seconds)


def _told(ruling: Ruling) -> Iterator[Told]:
    if ruling.verdict == "not shown":
        yield Told("skipped", ruling.shown_by)
    for showing in ruling.showings:
        message = f"Under the plan {showing.seen.plan.name}: {showing.told}"
        yield Told("failure", message, drawn(moments(showing.seen), width=_WIDTH), ruling.law.lapse)
