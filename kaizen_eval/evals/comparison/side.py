"""One side of a comparison: the figures of its trials, by case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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
        known = (trial.figures.get(measure) for trial in self.trials if not trial.outside)
        zeros = 0 if measure in SPENDING else self.unanswered
        return (*(value for value in known if value is not None), *(0.0,) * zeros)

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
        names = {"score", "passed"} if any(figures.unanswered for figures in self.cases.values()) else set()
        seen: dict[str, float] = {}
        for figures in self.cases.values():
            for trial in figures.trials:
                names.update(name for name in trial.figures if name not in SPENDING)
                for name in SPENDING:
                    seen[name] = seen.get(name, 0.0) + (trial.figures.get(name) or 0.0)
        return names | {name for name, total in seen.items() if total > 0}


def side_of(manifest: Manifest, cases: Iterable[Case], records: Iterable[TrialRecord], origin: str = "") -> Side:
    planned = {case.id: case for case in cases}
    trials: dict[str, dict[int, TrialFigures]] = {case: {} for case in planned}
    for record in records:
        if record.trial.case in trials and record.outcome is not Outcome.NOT_RUN:
            trials[record.trial.case][record.trial.repeat] = _figures(record)
    kept = {name: _case(planned[name], by_repeat) for name, by_repeat in trials.items()}
    return Side(manifest=manifest, cases=kept, origin=origin, missing=tuple(_missing(trials, manifest.repeats)))


def _figures(record: TrialRecord) -> TrialFigures:
    outputs = [dict(turn.outputs) for turn in record.answer.turns]
    return TrialFigures(record.outcome, digest(outputs), dict([*judged(record), *spent(record)]), outside(record))


def _case(case: Case, by_repeat: Mapping[int, TrialFigures]) -> CaseFigures:
    content = digest([[turn.inputs, turn.expected] for turn in case.asked])
    return CaseFigures(
        cluster=case.cluster, content=content, trials=tuple(by_repeat[repeat] for repeat in sorted(by_repeat))
    )


def _missing(trials: Mapping[str, Mapping[int, TrialFigures]], repeats: int) -> Iterator[str]:
    for case, by_repeat in trials.items():
        yield from (f"{case}#{repeat}" for repeat in range(1, repeats + 1) if repeat not in by_repeat)
