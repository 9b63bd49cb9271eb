"""A comparison as JUnit XML: a test case for each metric that decides."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.cli.compare import words
from kaizen_eval.cli.junit import Case, Told, document
from kaizen_eval.evals.comparison import Comparison, Finding, Verdict
from kaizen_eval.evals.comparison.wording import why

__all__ = ["text"]


def text(comparison: Comparison) -> str:
    """What is worse failed; what is not decided, or could not be judged, is an error."""
    cases = (
        Case("kaizen_eval.compare", finding.measure.name, _told(finding, comparison)) for finding in comparison.deciding
    )
    return document("kaizen-eval compare", f"{comparison.a.dataset}: A and B", cases, 0.0)


def _told(finding: Finding, comparison: Comparison) -> Iterator[Told]:
    if finding.verdict is None or finding.verdict is Verdict.PASS:
        return
    tag = "failure" if finding.verdict is Verdict.FAIL else "error"
    sentence = why(finding.verdict, [finding], comparison.confidence)
    yield Told("failure" if tag == "failure" else "error", sentence, _details(comparison), finding.verdict.value)


def _details(comparison: Comparison) -> str:
    lines = [*comparison.notes, *comparison.advice]
    for flip in comparison.flips:
        lines.append(f"{flip.change} {flip.case}")
        lines += [f"  {letter}: {value}{f': {said}' if said else ''}" for letter, value, said in words.versions(flip)]
    return "\n".join(lines)
