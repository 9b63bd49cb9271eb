"""A check's report as JUnit XML: a test case for each law, and one for the baseline."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.cli.check.words import diagram, figures, regression
from kaizen_eval.cli.junit import Case, Told, document
from kaizen_eval.conformance.checking import CheckReport, LawReport

__all__ = ["text"]

_WIDTH = 120


def text(report: CheckReport, seconds: float) -> str:
    return document("kaizen-eval check", report.target, _cases(report), seconds)


def _cases(report: CheckReport) -> Iterator[Case]:
    for law in report.laws:
        yield Case(f"laws.{law.group}", law.id, _told(law), law.seconds)
    if report.comparison is not None:
        yield Case("baseline", "figures", _regression(report))


def _told(law: LawReport) -> Iterator[Told]:
    if law.verdict in {"violated", "stopped"}:
        parts = [law.reason, law.sentence, f"Source: {law.source}", diagram(law, _WIDTH), law.test]
        yield Told("failure" if law.verdict == "violated" else "error", law.reason, "\n\n".join(filter(None, parts)))
    elif law.verdict != "kept":
        yield Told("skipped", law.reason)


def _regression(report: CheckReport) -> Iterator[Told]:
    if report.is_regressed:
        yield Told("failure", regression(report), "\n".join(" ".join(filter(None, row)) for row in figures(report)))
