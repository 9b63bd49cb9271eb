"""What a report is made from: logs, with the trials of each case found together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kaizen_eval.evals.case import Case
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.summary import Summary, summarised
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Gathered", "Readable", "TrendPoint", "gathered"]


class Readable(Protocol):
    """An evaluation, as far as a report needs it; an open `Log` is one."""

    @property
    def manifest(self) -> Manifest: ...

    def cases(self) -> Iterable[Case]: ...

    def records(self) -> Iterable[TrialRecord]: ...


class TrendPoint(NamedTuple):
    """One evaluation of those before and after."""

    id: str
    created: str
    """ISO 8601."""
    pass_rate: float | None
    score: float | None
    """Mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One evaluation in memory."""

    manifest: Manifest
    summary: Summary
    cases: tuple[Case, ...]
    """In the order planned."""
    trials: dict[str, list[TrialRecord]]
    """By the case's id, in the order of the repeats; cases of which nothing is known are left out."""

    @property
    def records(self) -> Iterable[TrialRecord]:
        return (record for case in self.cases for record in self.trials.get(case.id, ()))


def gathered(log: Readable) -> Gathered:
    """All of it; of a trial with several records the last counts."""
    found: dict[str, dict[int, TrialRecord]] = {}
    for record in log.records():
        found.setdefault(record.trial.case, {})[record.trial.repeat] = record
    cases, manifest = tuple(log.cases()), log.manifest
    trials = {case: [repeats[number] for number in sorted(repeats)] for case, repeats in found.items()}
    known = (record for case in cases for record in trials.get(case.id, ()))
    return Gathered(
        manifest=manifest,
        summary=summarised(known, cases, repeats=manifest.repeats),
        cases=cases,
        trials=trials,
    )
