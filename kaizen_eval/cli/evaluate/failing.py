"""The cases that did not pass, the first of them with what was expected and what came."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kaizen_eval.cli.output import legible
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Failing", "FailingCase", "differing", "name", "reason", "untold"]

_MOST = 160
"""Characters of a value that are shown."""
_BEFORE = 24
"""Of them, so many that are the same come before what differs."""
_NAMES = {
    Outcome.TASK_ERROR: "task error",
    Outcome.SCORER_ERROR: "scorer error",
    Outcome.BUDGET_EXCEEDED: "over budget",
    Outcome.NOT_RUN: "not run",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingCase:
    """A case of which a trial did not pass, as people are told."""

    id: str
    what: str
    """ "failed", "task error" …; with repeats "failed (passed 3 of 5)"."""
    reason: str
    differs: tuple[tuple[str, str, str], ...]
    """Output fields that are not as expected: name, what was expected, what came; values as JSON, shortened."""


class Failing:
    """Counts the trials that did not pass, by case."""

    def __init__(self, *, repeats: int) -> None:
        self._repeats = repeats
        self._counts: dict[str, int] = {}

    def add(self, record: TrialRecord) -> None:
        if record.outcome is not Outcome.PASSED:
            case = record.trial.case
            self._counts[case] = self._counts.get(case, 0) + 1

    @property
    def count(self) -> int:
        """Cases."""
        return len(self._counts)

    def told(self, cases: Iterable[Case], records: Iterable[TrialRecord], *, most: int) -> Iterator[FailingCase]:
        """The first of the dataset, each by the first of its repeats that did not pass."""
        first = {case.id: case for case in islice((case for case in cases if case.id in self._counts), most)}
        found: dict[str, TrialRecord] = {}
        for record in records if first else ():
            name = record.trial.case
            if name in first and record.outcome is not Outcome.PASSED:
                found[name] = min(record, found.get(name, record), key=lambda one: one.trial.repeat)
            if self._repeats == 1 and len(found) == len(first):
                break
        for name, case in first.items():
            yield self._told(case, found[name])

    def _told(self, case: Case, record: TrialRecord) -> FailingCase:
        what = name(record.outcome)
        if self._repeats > 1:
            what = f"{what} (passed {self._repeats - self._counts[case.id]} of {self._repeats})"
        why = reason(record)
        return FailingCase(id=case.id, what=what, reason=why, differs=tuple(untold(case, record, why)))


def name(outcome: Outcome) -> str:
    return _NAMES.get(outcome, outcome.value)


def reason(record: TrialRecord) -> str:
    """Why it did not pass, in one line; empty where nobody said."""
    crashed = [f"{scored.scorer} crashed: {scored.error}" for scored in record.scores if scored.error is not None]
    if record.outcome is Outcome.SCORER_ERROR and crashed:
        return _line("; ".join(crashed))
    if record.failure is not None:
        return _line(f"{record.failure.type}: {record.failure.message}")
    bad = [scored for scored in record.scores if scored.passed is False]
    return _line("; ".join(f"{scored.scorer}: {scored.reason or scored.value}" for scored in bad))


def _line(text: str) -> str:
    return _shortened(" ".join(legible(text).split()))


def untold(case: Case, record: TrialRecord, why: str) -> Iterator[tuple[str, str, str]]:
    """What differs, but for what the reason tells."""
    if record.outcome is Outcome.FAILED:
        for field, wanted, came in differing(case, record):
            if any(value.strip('"') not in why for value in (wanted, came)):
                yield field, wanted, came


def differing(case: Case, record: TrialRecord) -> Iterator[tuple[str, str, str]]:
    """Of the last turn that was answered: the expected fields whose values are others."""
    answered = record.answer.turns
    if not answered:
        return
    expected: Mapping[str, Any] = case.asked[len(answered) - 1].expected or {}
    outputs = answered[-1].outputs
    for field, wanted in expected.items():
        came = outputs.get(field)
        if field not in outputs:
            yield field, _shortened(_written(wanted)), "nothing"
        elif came != wanted:
            yield field, *_apart(_written(wanted), _written(came))


def _written(value: object) -> str:
    return legible(json.dumps(value, ensure_ascii=False, default=repr))


def _apart(wanted: str, came: str) -> tuple[str, str]:
    """Both from a little before where they part."""
    same = next((at for at, (a, b) in enumerate(zip(wanted, came, strict=False)) if a != b), 0)
    start = same - _BEFORE if max(len(wanted), len(came)) > _MOST and same > _BEFORE else 0
    return _shortened(wanted, start), _shortened(came, start)


def _shortened(text: str, start: int = 0) -> str:
    end = start + _MOST
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"
