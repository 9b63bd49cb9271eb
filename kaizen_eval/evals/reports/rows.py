"""The table's rows: of each case so much as is needed to list, find and sort it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kaizen_eval.evals.case import Case
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.reports.details import shown
from kaizen_eval.evals.reports.sources import Gathered
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["OUTCOMES", "Listed", "Row", "rows"]

OUTCOMES = tuple(Outcome)
_TEXT = 160
"""Characters of what was asked, and of what was answered."""


class Row(NamedTuple):
    """One case. The page reads the fields in this order, without their names."""

    id: str
    outcomes: tuple[int, ...]
    """How many trials there are of each of OUTCOMES."""
    score: float | None
    """Mean of the trials that have one."""
    change: str
    """Against the other evaluation: lost and won, which are flips; worse, better, changed, same, new, gone; empty where
    that cannot be said.
    """
    score_before: float | None
    tags: tuple[str, ...]
    failing: tuple[str, ...]
    """Scorers that did not pass a trial, or crashed."""
    ms: float | None
    """Mean of the trials."""
    tokens: int
    cost: float | None
    """USD."""
    asked: str
    said: str


class Listed(NamedTuple):
    """A row with what it is made from."""

    row: Row
    case: Case
    trials: Sequence[TrialRecord]
    before: Sequence[TrialRecord]


def rows(now: Gathered, before: Gathered | None, flips: Mapping[str, str]) -> Iterator[Listed]:
    """A row for each case; those that only the other evaluation has come last."""
    planned = {case.id for case in now.cases}
    gone = [case for case in before.cases if case.id not in planned] if before else []
    for case in (*now.cases, *gone):
        trials = now.trials.get(case.id, [])
        past = before.trials.get(case.id, []) if before else []
        changed = flips.get(case.id) or _change(trials, past) if before else ""
        yield Listed(_row(case, trials, past, changed, now.manifest.repeats), case, trials, past)


def _row(case: Case, trials: Sequence[TrialRecord], past: Sequence[TrialRecord], changed: str, repeats: int) -> Row:
    costs = [record.answer.cost for record in trials]
    return Row(
        id=case.id,
        outcomes=_outcomes(trials, repeats),
        score=_mean(trials),
        change=changed,
        score_before=_mean(past),
        tags=case.tags,
        failing=_failing(trials),
        ms=round(sum(record.answer.ms for record in trials) / len(trials), 3) if trials else None,
        tokens=sum(record.answer.usage.total for record in trials),
        cost=None if None in costs else float(sum(cost for cost in costs if cost is not None)),
        asked=_asked(case),
        said=_said(trials),
    )


def _outcomes(trials: Sequence[TrialRecord], repeats: int) -> tuple[int, ...]:
    """Trials without a record have not run."""
    counts = Counter(record.outcome for record in trials)
    counts[Outcome.NOT_RUN] += max(0, repeats - len(trials))
    return tuple(counts[outcome] for outcome in OUTCOMES)


def _mean(trials: Sequence[TrialRecord]) -> float | None:
    scores = [score for record in trials if (score := record.score) is not None]
    return sum(scores) / len(scores) if scores else None


def _pass_share(trials: Sequence[TrialRecord]) -> float | None:
    """Of all trials that ran: what raised or took too long has not passed. None where none ran."""
    ran = [record for record in trials if record.outcome != Outcome.NOT_RUN]
    return sum(record.outcome == Outcome.PASSED for record in ran) / len(ran) if ran else None


def _change(trials: Sequence[TrialRecord], past: Sequence[TrialRecord]) -> str:
    now, before = _pass_share(trials), _pass_share(past)
    if now is None or before is None:
        return "new" if not past else "gone" if not trials else ""
    return "same" if now == before else "better" if now > before else "worse"


def _failing(trials: Sequence[TrialRecord]) -> tuple[str, ...]:
    names = {scored.scorer for record in trials for scored in record.scores if not scored.passed}
    return tuple(sorted(names))


def _asked(case: Case) -> str:
    return _short(case.asked[0].inputs)


def _said(trials: Sequence[TrialRecord]) -> str:
    """The first answer that did not pass, else the first of all."""
    told = next((record for record in trials if record.outcome != Outcome.PASSED), trials[0] if trials else None)
    if told is None:
        return ""
    if told.failure is not None:
        return _cut(f"{told.failure.type}: {told.failure.message}")
    return _short(told.answer.outputs)


def _short(values: Mapping[str, Any]) -> str:
    if len(values) == 1:
        return _cut(shown(next(iter(values.values())))[0])
    return _cut(", ".join(f"{name}: {_cut(shown(value)[0])}" for name, value in values.items()))


def _cut(text: str) -> str:
    line = " ".join(text[: 2 * _TEXT].split())
    return line if len(line) <= _TEXT else f"{line[:_TEXT]}…"
