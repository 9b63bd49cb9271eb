"""What one should know of a comparison before believing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kaizen_eval.amounts import many
from kaizen_eval.evals.comparison.deciding import decided, taken_together
from kaizen_eval.evals.comparison.found import Finding, Verdict
from kaizen_eval.evals.comparison.judging import Terms, finding
from kaizen_eval.evals.comparison.pairing import Paired, Pairs
from kaizen_eval.evals.comparison.side import CaseFigures
from kaizen_eval.evals.comparison.wording import change
from kaizen_eval.evals.outcome import Outcome

__all__ = ["notes"]

_SHOWN = 5


def notes(pairs: Pairs, findings: Sequence[Finding], terms: Terms) -> Iterator[str]:
    """Sentences, the weightiest first."""
    yield from _unanswered(pairs.both, findings, terms)
    if any(each.verdict is Verdict.FAIL and each.method == "exact" and each.gain >= 0 for each in findings):
        yield "More is won than lost: to ask whether B is worse on cases like these, not on these alone, use --sampled."
    yield from _unjudged(pairs.both)
    yield from _left_out(pairs)
    for each in findings:
        if each.margin is None:
            yield from _also_worse(each, terms)
            continue
        if each.measure.name == "latency" and each.method not in {"exact", "identical"}:
            yield "All trials of an evaluation share its hour and its machine: that B is slower may be theirs alone."
        if each.cases < len(pairs.both):
            yield f"{each.measure.name} is known of {many(each.cases, 'case')} of {len(pairs.both):,} on both sides."


def _unanswered(both: Sequence[Paired], findings: Sequence[Finding], terms: Terms) -> Iterator[str]:
    """They count as 0: it is said how many, and whether the verdict depends on them."""
    sides = (("A", _outcomes(pair.a for pair in both)), ("B", _outcomes(pair.b for pair in both)))
    told = [f"in {name} {text}" for name, text in sides if text]
    if told:
        yield f"Trials without an answer count as 0: {'; '.join(told)}.{_without(both, findings, terms)}"


def _outcomes(sides: Iterable[CaseFigures]) -> str:
    return _counted(trial.outcome for side in sides for trial in side.trials if trial.is_unanswered)


def _unjudged(both: Sequence[Paired]) -> Iterator[str]:
    for name, sides in (("A", [pair.a for pair in both]), ("B", [pair.b for pair in both])):
        trials = [trial for side in sides for trial in side.trials]
        crashed = [trial.outcome for trial in trials if trial.outcome is Outcome.SCORER_ERROR]
        told = _counted([*crashed, *(trial.outside for trial in trials if trial.outside)])
        if told:
            yield f"Trials of {name} that nobody could judge: {told}."


def _counted(whats: Iterable[str]) -> str:
    counts = Counter(whats)
    return ", ".join(f"{what.replace('_', ' ')} ({count:,})" for what, count in sorted(counts.items()))


def _without(both: Sequence[Paired], findings: Sequence[Finding], terms: Terms) -> str:
    """What the verdict would be without the cases that have any; empty where it would be the same."""
    answered = [pair for pair in both if pair.is_answered]
    margins = {each.measure.name: each.margin for each in findings if each.margin is not None}
    deciding = [each.measure for each in findings if each.margin is not None]
    found = [again for measure in deciding if (again := finding(answered, measure, terms)) is not None]
    if len(found) < len(deciding):
        return ""
    verdict = taken_together(decided(found, margins, answered, terms))
    if verdict is taken_together(findings):
        return ""
    silent = many(len(both) - len(answered), "case")
    return f" Without the {silent} that have any it would be {verdict.value}: see why first."


def _left_out(pairs: Pairs) -> Iterator[str]:
    for cases, one, several in (
        (pairs.only_a, "only A has", "only A has"),
        (pairs.only_b, "only B has", "only B has"),
        (pairs.changed, "asks or expects something else in B", "ask or expect something else in B"),
        (pairs.incomplete, "has a trial without a record", "have trials without a record"),
    ):
        if cases:
            named = ", ".join(cases[:_SHOWN]) + (", …" if len(cases) > _SHOWN else "")
            yield f"Left out: {many(len(cases), 'case')} that {one if len(cases) == 1 else several} ({named})."


def _also_worse(each: Finding, terms: Terms) -> Iterator[str]:
    """Of what does not decide, only what chance does not explain, held against all measures. Of latency on real time
    the hour says more than the cases.
    """
    is_sure = each.method == "exact" or (each.p_holm is not None and each.p_holm <= 1 - terms.confidence)
    if is_sure and each.gain < 0 and (each.measure.name != "latency" or each.method == "exact"):
        yield f"Worse, though it does not decide: {each.measure.name} ({change(each)})."
