"""Which cases changed, with what was expected and answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from kaizen_eval.evals.comparison.found import Flip, Version
from kaizen_eval.evals.comparison.judging import Terms
from kaizen_eval.evals.comparison.pairing import Paired
from kaizen_eval.evals.comparison.side import CaseFigures, TrialFigures
from kaizen_eval.evals.comparison.source import Source
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.outside import outside
from kaizen_eval.evals.trial import TrialRecord

__all__ = ["flips_of"]

_ORDER = ("lost", "won", "changed")


class _Asked(NamedTuple):
    """By the last turn."""

    inputs: Mapping[str, Any] | None
    expected: Mapping[str, Any] | None
    tags: tuple[str, ...]


class _Told(NamedTuple):
    """What a trial says."""

    rank: tuple[bool, bool, int]
    """The lowest is shown."""
    outputs: Mapping[str, Any] | None
    why: str


_UNKNOWN = _Asked(None, None, ())


def flips_of(both: Sequence[Paired], a: Source, b: Source, terms: Terms) -> tuple[Flip, ...]:
    """What got lost first. Exact: every case in which anything differs, also the time it took where that is virtual;
    else those that pass in most trials on one side and not on the other.
    """
    unnamed = {"passed"} if terms.is_exact and terms.is_on_virtual_time else {"passed", "latency"}
    looked_at = both if terms.is_exact else [pair for pair in both if _has_flipped(pair)]
    what = {pair.case: tuple(_differing(pair, unnamed)) for pair in looked_at}
    chosen = [pair for pair in looked_at if what[pair.case]]
    ids = {pair.case for pair in chosen}
    if not ids:
        return ()
    cases = _cases(ids, (b, a))
    told_a = _told({pair.case: _passes(pair.a) and not _passes(pair.b) for pair in chosen}, a)
    told_b = _told({pair.case: _passes(pair.b) and not _passes(pair.a) for pair in chosen}, b)
    flips = (
        _flip(pair, cases.get(pair.case, _UNKNOWN), told_a.get(pair.case), told_b.get(pair.case), what[pair.case])
        for pair in chosen
    )
    return tuple(sorted(flips, key=lambda flip: (_ORDER.index(flip.change), flip.case)))


def _differing(pair: Paired, unnamed: Collection[str]) -> Iterator[str]:
    a, b = pair.a, pair.b
    of_a, of_b = _inside(a), _inside(b)
    if not _are_alike([trial.outcome for trial in of_a], [trial.outcome for trial in of_b]):
        yield "outcome"
    if not _are_alike([trial.answer for trial in of_a], [trial.answer for trial in of_b]):
        yield "answer"
    names = ({name for trial in trials for name in trial.figures} for trials in (of_a, of_b))
    for name in sorted(set.intersection(*names).difference(unnamed)):
        if not _are_alike(a.values(name), b.values(name)):
            yield name


def _inside(figures: CaseFigures) -> Sequence[TrialFigures]:
    """What failed outside of the agent tells nothing, as long as there is anything else."""
    return [trial for trial in figures.trials if not trial.outside] or figures.trials


def _are_alike(a: Sequence[Hashable], b: Sequence[Hashable]) -> bool:
    """Whether each value is that of the same part of the trials: that a case was tried more often changes nothing."""
    return a == b or _shares(a) == _shares(b)


def _shares(values: Sequence[Hashable]) -> Mapping[Hashable, Fraction]:
    return {value: Fraction(count, len(values)) for value, count in Counter(values).items()}


def _has_flipped(pair: Paired) -> bool:
    if not (_judged(pair.a) and _judged(pair.b)):
        return False
    return _passes(pair.a) != _passes(pair.b)


def _passes(figures: CaseFigures) -> bool:
    return _passed(figures) * 2 > _judged(figures)


def _judged(figures: CaseFigures) -> int:
    """Trials of which somebody knows whether they pass."""
    return len(figures.trials) - figures.unjudged("passed")


def _passed(figures: CaseFigures) -> int:
    return sum(trial.outcome is Outcome.PASSED for trial in figures.trials)


def _cases(ids: Collection[str], sources: Iterable[Source]) -> Mapping[str, _Asked]:
    """As the first source has them that has any."""
    for source in sources:
        found = {
            case.id: _Asked(case.asked[-1].inputs, case.asked[-1].expected, case.tags) for case in source.cases(ids)
        }
        if found:
            return found
    return {}


def _told(good: Mapping[str, bool], source: Source) -> Mapping[str, _Told]:
    """The telling one of each case, of those that could be judged, if any: where this side is the `good` one, the first
    that passed, else the first that did not; or the first.
    """
    telling: dict[str, _Told] = {}
    for record in source.records(good.keys()):
        case = record.trial.case
        rank = (bool(outside(record)), (record.outcome is Outcome.PASSED) is not good[case], record.trial.repeat)
        if case not in telling or rank < telling[case].rank:
            telling[case] = _Told(rank, dict(record.answer.outputs) or None, _why(record))
    return telling


def _flip(pair: Paired, asked: _Asked, a: _Told | None, b: _Told | None, what: tuple[str, ...]) -> Flip:
    return Flip(
        case=pair.case,
        a=_version(pair.a, a),
        b=_version(pair.b, b),
        expected=asked.expected,
        inputs=asked.inputs,
        tags=asked.tags,
        what=what,
    )


def _version(figures: CaseFigures, told: _Told | None) -> Version:
    passed, trials = _passed(figures), _judged(figures)
    if told is None:
        return Version(passed, trials, why=_outcomes(figures))
    return Version(passed, trials, told.outputs, told.why)


def _why(record: TrialRecord) -> str:
    if record.failure is not None:
        return f"{record.failure.type}: {record.failure.message}"
    if record.outcome is Outcome.PASSED:
        return ""
    said = (each.error or each.reason for each in record.scores if not each.passed)
    return "; ".join(filter(None, said)) or _word(record.outcome)


def _outcomes(figures: CaseFigures) -> str:
    others = sorted({trial.outcome for trial in figures.trials} - {Outcome.PASSED, Outcome.FAILED})
    return ", ".join(map(_word, others))


def _word(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")
