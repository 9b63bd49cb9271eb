"""One plain run, before any law: whatever cannot do that is not judged."""

from __future__ import annotations

from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance.asking import asks, signatures
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.signatures import Signature

__all__ = ["TRIAL"]


def _plain(subject: Subject) -> SearchStrategy[Situation]:
    return signatures(subject).flatmap(_of)


def _of(signature: type[Signature]) -> SearchStrategy[Situation]:
    return asks(signature).map(lambda ask: Situation(signature=signature, asks=(ask,)))


def _played(lab: Lab, situation: Situation) -> None:
    lab.play(situation)


TRIAL = Law(
    id="trial.run",
    sentence="A plain run comes to an end.",
    source="before any law is judged",
    situations=_plain,
    judge=_played,
)
