"""What a test's report says of a violation: the law, its source, what was seen, and every exchange."""

from __future__ import annotations

from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.fake.journal.table import table

__all__ = ["told"]


def told(law: Law, subject: Subject, violation: Violation) -> str:
    """Several lines."""
    lines = [f"{subject.name} breaks {law.id}: {violation}", "", law.sentence, f"Source: {law.source}"]
    if violation.seen is not None:
        lines += ["", table(violation.seen.exchanges)]
    return "\n".join(lines)
