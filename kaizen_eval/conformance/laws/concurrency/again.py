"""Laws of the same again: the same seed gives the same bytes, here and in another process."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance.asking import Question
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import law
from kaizen_eval.conformance.laws.concurrency.runs import runs, troubled
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.other_process import other_processes
from kaizen_eval.conformance.record import difference, record
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import Violation
from kaizen_eval.fake import BadRequest
from kaizen_eval.signatures import InputField, OutputField, Signature

__all__ = ["AGAIN", "OTHER_PROCESS", "Report"]


class Report(Signature):
    """Report on the topic, for these readers."""

    topic: str = InputField()
    readers: list[str] = InputField(max_length=5)
    tone: str = InputField(default="plain")
    length: int = InputField(default=100, ge=1, le=1000)
    sources: dict[str, str] = InputField(default_factory=dict)
    title: str = OutputField()
    text: str = OutputField()


def _found_by_name(subject: Subject) -> SearchStrategy[type[Signature]]:
    """Signatures that another process finds, too."""
    return st.sampled_from([Question, Report]) if subject.signature is None else st.just(subject.signature)


def _troubled_at_once() -> SearchStrategy[tuple[Saying, ...]]:
    """What comes first often fails for good."""
    return st.one_of(troubled(), troubled().map(lambda script: (BadRequest(), *script)))


@law(
    "concurrency.same-bytes",
    "The same seed, asked the same, makes the same requests, byte by byte, and gives the same results.",
    source="guide: Execution Signatures, Basic Execution",
    situations=lambda subject: st.booleans().flatmap(
        lambda together: runs(subject, least=1, most=3, together=together, script=_troubled_at_once())
    ),
)
def AGAIN(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    first, again = lab.play(situation), lab.play(situation)
    _require_same(record(first), record(again), again, "the second time")


@law(
    "concurrency.other-process",
    "The same seed makes the same requests and gives the same results in another process, with another hash seed.",
    source="guide: Execution Signatures, Basic Execution",
    situations=lambda subject: runs(subject, least=1, most=2, script=troubled(), signatures=_found_by_name(subject)),
)
def OTHER_PROCESS(lab: Lab, situation: Situation) -> None:  # noqa: N802 - becomes a Law
    """The processes are started once for a subject; they are asked to play each situation."""
    others = other_processes(lab)
    seen = lab.play(situation)
    here = record(seen)
    for other in others:
        where = f"in another process (PYTHONHASHSEED={other.hash_seed})"
        _require_same(here, other.record(situation), seen, where)


def _require_same(expected: list[str], found: list[str], seen: Observation, when: str) -> None:
    for line, other in zip(expected, found, strict=False):
        if line != other:
            left, right = difference(line, other)
            raise Violation(f"{line.partition(':')[0].capitalize()} differs {when}: {left!r} became {right!r}.", seen)
    if len(expected) != len(found):
        raise Violation(f"There are {len(found)} requests and results {when}, instead of {len(expected)}.", seen)
