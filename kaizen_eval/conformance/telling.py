"""What a test's report says of a violation: the law, its source, what was seen, and how to see it again."""

from __future__ import annotations

import shlex
from textwrap import indent

from kaizen_eval.conformance.diagram import drawn, moments
from kaizen_eval.conformance.judging import Ruling
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.laws import LAWS
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.conformance.written import NotWritable, as_test, written

__all__ = ["report", "told"]


def told(law: Law, subject: Subject, violation: Violation) -> str:
    """Of one situation."""
    return "\n\n".join([*_complaint(law, subject, str(violation)), *_diagram(violation)])


def report(ruling: Ruling, subject: Subject, *, again: str) -> str:
    """Of a law that was tried in many situations.

    Args:
        ruling: a violation.
        subject: what was judged.
        again: the test's node id.
    """
    parts = _complaint(ruling.law, subject, ruling.reason)
    if ruling.violation is not None and ruling.situation is not None:
        parts += [*_diagram(ruling.violation), _smallest(ruling.law, subject, ruling.situation)]
    return "\n\n".join([*parts, f"Again, with all that it tries: pytest {shlex.quote(again)}"])


def _complaint(law: Law, subject: Subject, text: str) -> list[str]:
    return [f"{subject.name} breaks {law.id}: {text}", f"{law.sentence}\nSource: {law.source}"]


def _diagram(violation: Violation) -> list[str]:
    return [] if violation.seen is None else [drawn(moments(violation.seen))]


def _smallest(law: Law, subject: Subject, situation: Situation) -> str:
    """As a test where one can be pasted: of our own laws, and of a subject that has a name to import."""
    try:
        if law in LAWS and subject.reference is not None:
            title, source = "This smallest case as a test", as_test(law.id, subject.reference, situation)
        else:
            title, source = "The smallest situation in which it does", written(situation)
    except NotWritable:
        title, source = "The smallest situation in which it does", repr(situation)
    return f"{title}:\n\n{indent(source.rstrip(), '    ')}"
