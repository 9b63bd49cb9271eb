"""The table's rows: of each case so much as is needed to list, find and sort it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from kaizen_eval.evals.case import Case
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.reports.sources import Gathered
from kaizen_eval.evals.reports.trials import Tried
from kaizen_eval.evals.reports.values import short

__all__ = ["OUTCOMES", "Listed", "Row", "rows"]

OUTCOMES = tuple(Outcome)


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
    trials: Sequence[Tried]
    before: Sequence[Tried]


def rows(now: Gathered, before: Gathered | None, flips: Mapping[str, str]) -> Iterator[Listed]:
    """A row for each case; those that only the other evaluation has come last."""
    planned = {case.id for case in now.cases}
    gone = [case for case in before.cases if case.id not in planned] if before else []
    for case in (*now.cases, *gone):
        trials = now.trials.get(case.id, ())
        past = before.trials.get(case.id, ()) if before else ()
        changed = flips.get(case.id) or (_change(trials, past) if before else "")
        yield Listed(_row(case, trials, past, changed, now.manifest.repeats), case, trials, past)


def _row(case: Case, trials: Sequence[Tried], past: Sequence[Tried], changed: str, repeats: int) -> Row:
    costs = [each.cost for each in trials]
    return Row(
        id=case.id,
        outcomes=_outcomes(tuple(each.outcome for each in trials), repeats),
        score=_mean(trials),
        change=changed,
        score_before=_mean(past),
        tags=case.tags,
        failing=trials[0].failing if len(trials) == 1 else _failing(trials),
        ms=round(sum(each.ms for each in trials) / len(trials), 3) if trials else None,
        tokens=sum(each.tokens for each in trials),
        cost=None if None in costs else sum(cost for cost in costs if cost is not None),
        asked=short(case.asked[0].inputs),
        said=_telling(trials).said if trials else "",
    )


@lru_cache(maxsize=1_000)  # most cases end alike, and there are many
def _outcomes(found: tuple[Outcome, ...], repeats: int) -> tuple[int, ...]:
    """Trials without a record have not run."""
    whole = (*found, *[Outcome.NOT_RUN] * (repeats - len(found)))
    return tuple(whole.count(outcome) for outcome in OUTCOMES)


def _failing(trials: Sequence[Tried]) -> tuple[str, ...]:
    return tuple(sorted({name for each in trials for name in each.failing}))


def _mean(trials: Sequence[Tried]) -> float | None:
    scores = [each.score for each in trials if each.score is not None]
    return sum(scores) / len(scores) if scores else None


def _telling(trials: Sequence[Tried]) -> Tried:
    """The first that did not pass, else the first of all."""
    return next((each for each in trials if each.outcome is not Outcome.PASSED), trials[0])


def _change(trials: Sequence[Tried], past: Sequence[Tried]) -> str:
    now, before = _pass_share(trials), _pass_share(past)
    if now is None or before is None:
        return "new" if not past else "gone" if not trials else ""
    return "same" if now == before else "better" if now > before else "worse"


def _pass_share(trials: Sequence[Tried]) -> float | None:
    """Of all that ran: what raised or took too long has not passed. None where none ran."""
    ran = [each.outcome for each in trials if each.outcome is not Outcome.NOT_RUN]
    return ran.count(Outcome.PASSED) / len(ran) if ran else None
