"""What a report is made from: evaluations, with the trials of each case found together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kaizen_eval.evals.case import Case
from kaizen_eval.evals.happening import Ended
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.reports.trials import Tried, tried
from kaizen_eval.evals.summary import Summary, Tally
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Gathered", "Readable", "TrendPoint", "gathered"]


class Readable(Protocol):
    """An evaluation, as far as a report needs it; an open `Log` is one. It is read more than once."""

    @property
    def manifest(self) -> Manifest: ...

    @property
    def ended(self) -> Ended | None:
        """None where it was killed, or runs still."""
        ...

    def cases(self) -> Iterable[Case]: ...

    def records(self) -> Iterable[TrialRecord]:
        """One of each trial that has ended."""
        ...


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
    ended: Ended | None
    summary: Summary
    cases: Sequence[Case]
    """In the order planned."""
    trials: Mapping[str, Sequence[Tried]]
    """By the case's id, in the order of the repeats; cases of which nothing is known are left out."""


def gathered(log: Readable) -> Gathered:
    cases, manifest = tuple(log.cases()), log.manifest
    tally = Tally(cases, repeats=manifest.repeats, scorers=manifest.scorer_names)
    trials: dict[str, list[Tried]] = {}
    for record in log.records():
        tally.add(record)
        trials.setdefault(record.trial.case, []).append(tried(record))
    for several in trials.values():
        several.sort(key=lambda each: each.repeat)
    return Gathered(manifest=manifest, ended=log.ended, summary=tally.summary(), cases=cases, trials=trials)
