"""One side of a comparison: the figures of its trials, by case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from sys import intern
from typing import NamedTuple

from kaizen_eval.evals.case import Case
from kaizen_eval.evals.comparison.measure import SPENDING, UNANSWERED, digest, judged, spent
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.outside import outside
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["CaseFigures", "Side", "TrialFigures", "side_of"]


class TrialFigures(NamedTuple):
    """What is kept of one trial."""

    outcome: Outcome
    answer: str
    """Digest of its outputs."""
    figures: Mapping[str, float | None]
    """By measure; None where a scorer crashed, or where what was spent is not known."""
    outside: str = ""
    """The class name of what it failed by, where that says nothing of the agent."""

    @property
    def is_unanswered(self) -> bool:
        """The agent has not answered: what is judged is 0."""
        return self.outcome in UNANSWERED and not self.outside


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFigures:
    """What became of one case."""

    cluster: str = ""
    """Empty: it is a cluster of its own."""
    content: str = ""
    """Digest of what is asked and expected."""
    trials: tuple[TrialFigures, ...] = ()
    """In the order of repeats."""

    def values(self, measure: str) -> tuple[float, ...]:
        """Of its trials, where they are known. Without an answer what is judged is 0; what failed outside has spent
        less than it would have, which is not counted.
        """
        known = tuple(
            [value for trial in self.trials if (value := trial.figures.get(measure)) is not None and not trial.outside]
        )
        if measure in SPENDING or len(known) == len(self.trials):
            return known
        return (*known, *(0.0,) * self.unanswered)

    def unjudged(self, measure: str) -> int:
        """Trials of which nobody knows it: a scorer crashed, or they failed outside of the agent."""
        if measure in SPENDING:
            return sum(bool(trial.outside) for trial in self.trials)
        return sum(bool(trial.outside) or trial.figures.get(measure, 0.0) is None for trial in self.trials)

    @property
    def unanswered(self) -> int:
        return sum(trial.is_unanswered for trial in self.trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """An evaluation, as far as comparing needs it."""

    manifest: Manifest
    cases: Mapping[str, CaseFigures]
    """By id, in the order of the dataset."""
    origin: str = ""
    """The folder or the file that it was read from; empty where it is in memory alone."""
    missing: tuple[str, ...] = field(default=())
    """Trials that were planned and have no record, as `case#repeat`."""

    @property
    def measures(self) -> set[str]:
        """What is known of at least one trial; what was spent, only where anything was."""
        trials = [trial for figures in self.cases.values() for trial in figures.trials]
        names = set().union(*{tuple(trial.figures) for trial in trials})
        if any("passed" not in trial.figures and trial.is_unanswered for trial in trials):
            names |= {"score", "passed"}
        unspent = {name for name in SPENDING if not any(trial.figures.get(name) for trial in trials)}
        return names - unspent


def side_of(manifest: Manifest, cases: Iterable[Case], records: Iterable[TrialRecord], origin: str = "") -> Side:
    kept = {intern(case.id): _case(case) for case in cases}
    trials: dict[str, list[tuple[int, TrialFigures]]] = {}
    for record in records:
        if record.trial.case in kept and record.outcome is not Outcome.NOT_RUN:
            trials.setdefault(record.trial.case, []).append((record.trial.repeat, _figures(record)))
    missing = tuple(_missing(kept, trials, manifest.repeats))
    for name, empty in kept.items():
        by_repeat = sorted(dict(trials.pop(name, ())).items())
        kept[name] = replace(empty, trials=tuple(figures for _, figures in by_repeat))
    return Side(manifest=manifest, cases=kept, origin=origin, missing=missing)


def _figures(record: TrialRecord) -> TrialFigures:
    outputs = [dict(turn.outputs) for turn in record.answer.turns]
    return TrialFigures(record.outcome, digest(outputs), dict([*judged(record), *spent(record)]), outside(record))


def _case(case: Case) -> CaseFigures:
    content = digest([[turn.inputs, turn.expected] for turn in case.asked])
    return CaseFigures(cluster=intern(case.cluster), content=intern(content))


def _missing(
    cases: Iterable[str], trials: Mapping[str, Sequence[tuple[int, TrialFigures]]], repeats: int
) -> Iterator[str]:
    for case in cases:
        done = {repeat for repeat, _ in trials.get(case, ())}
        yield from (f"{case}#{repeat}" for repeat in range(1, repeats + 1) if repeat not in done)
