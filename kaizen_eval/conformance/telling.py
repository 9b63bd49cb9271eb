"""What a test's report says of a violation: the law, its source, what was seen, and how to see it again."""

from __future__ import annotations

from kaizen_eval.conformance.judging import Finding
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.fake.journal.table import table

__all__ = ["report", "told"]


def told(law: Law, subject: Subject, violation: Violation) -> str:
    """Of one situation."""
    return "\n\n".join(_complaint(law, subject, str(violation)) + _seen(violation))


def report(finding: Finding, subject: Subject, *, again: str) -> str:
    """Of a law that was tried in many situations.

    Args:
        finding: a violation.
        subject: what was judged.
        again: the test's node id.
    """
    parts = [*_complaint(finding.law, subject, finding.reason), _smallest(finding)]
    if finding.violation is not None:
        parts += _seen(finding.violation)
    return "\n\n".join([*parts, f"Again: pytest {again!r}"])


def _complaint(law: Law, subject: Subject, text: str) -> list[str]:
    return [f"{subject.name} breaks {law.id}: {text}", f"{law.sentence}\nSource: {law.source}"]


def _smallest(finding: Finding) -> str:
    tried = "1 situation was" if finding.examples == 1 else f"{finding.examples} situations were"
    return f"The smallest situation in which it does ({tried} tried): {finding.situation}"


def _seen(violation: Violation) -> list[str]:
    return [] if violation.seen is None else [table(violation.seen.exchanges)]
