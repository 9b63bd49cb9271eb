"""From limits and margins to a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kaizen_eval.evals.comparison.bounds import differ_rarely
from kaizen_eval.evals.comparison.found import Finding, Verdict
from kaizen_eval.evals.comparison.judging import Terms, estimated
from kaizen_eval.evals.comparison.pairing import Pair, Paired, with_measure
from kaizen_eval.evals.statistics import cases_to_decide, holm, noise, repeats_to_decide

__all__ = ["decided", "taken_together"]

_ROUNDING = 1e-12
"""0.8 less 0.78 is a little more than 0.02."""


def decided(
    findings: Sequence[Finding], margins: Mapping[str, float], cases: Sequence[Paired], terms: Terms
) -> tuple[Finding, ...]:
    """With verdicts for those that have a margin, which come first; p values are held against all of them together.

    Args:
        findings: of all measures.
        margins: by measure, in its unit.
        cases: of which they are.
        terms: what the limits were asked for with.
    """
    deciding = [replace(each, margin=margins[each.measure.name]) for each in findings if each.measure.name in margins]
    pairs = [with_measure(cases, each.measure.name) for each in deciding]
    p_worse = holm([_p_worse(each, its) for each, its in zip(deciding, pairs, strict=True)])
    judged = [
        _judged(replace(each, p_worse=p), its, terms) for each, its, p in zip(deciding, pairs, p_worse, strict=True)
    ]
    return _held_together([*judged, *(each for each in findings if each.measure.name not in margins)])


def taken_together(findings: Sequence[Finding]) -> Verdict:
    """Of those that decide: one that is worse is enough to fail, and all must pass."""
    verdicts = {finding.verdict for finding in findings}
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        if verdict in verdicts:
            return verdict
    return Verdict.PASS


def _held_together(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    adjusted = holm([1.0 if finding.p is None else finding.p for finding in findings])
    return tuple(replace(finding, p_holm=p) for finding, p in zip(findings, adjusted, strict=True))


def _p_worse(finding: Finding, pairs: Sequence[Pair]) -> float:
    if finding.method in {"exact", "identical"}:
        return 0.0 if _is_worse(finding) else 1.0
    bound = -_margin(finding) * finding.measure.sign
    estimate = estimated(pairs)
    above = estimate.p_above(bound)
    return 1 - above if finding.measure.sign > 0 else above


def _judged(finding: Finding, pairs: Sequence[Pair], terms: Terms) -> Finding:
    verdict = _verdict(finding, terms)
    if verdict is not Verdict.INCONCLUSIVE or finding.method in {"exact", "identical", "too few"}:
        return replace(finding, verdict=verdict)
    repeats, cases = _needed(finding, pairs, terms)
    return replace(finding, verdict=verdict, repeats=repeats, cases_needed=cases)


def _verdict(finding: Finding, terms: Terms) -> Verdict:
    if any(finding.unjudged) or finding.method == "too few":
        return Verdict.INCONCLUSIVE
    if finding.worst is not None and finding.worst * finding.measure.sign >= -_margin(finding) - _ROUNDING:
        return Verdict.PASS
    is_sure = finding.p_worse is not None and finding.p_worse <= 1 - terms.confidence
    return Verdict.FAIL if is_sure and _is_worse(finding) else Verdict.INCONCLUSIVE


def _is_worse(finding: Finding) -> bool:
    """Whether even the best that is possible is worse than the margin."""
    best = finding.difference if finding.best is None else finding.best
    return best * finding.measure.sign < -_margin(finding) - _ROUNDING


def _margin(finding: Finding) -> float:
    return finding.margin or 0.0


def _needed(finding: Finding, pairs: Sequence[Pair], terms: Terms) -> tuple[int | None, int | None]:
    """Repeats, and cases, that would decide it in four of five comparisons."""
    estimate, distance = estimated(pairs), finding.gain + _margin(finding)
    noises = [noise([pair.a for pair in pairs]), noise([pair.b for pair in pairs])]
    known = [each for each in noises if each is not None]
    if not distance or not math.isfinite(estimate.standard_error):
        return None, None
    tried = max(len(values) for pair in pairs for values in (pair.a, pair.b))
    repeats = repeats_to_decide(
        estimate,
        distance=distance,
        noise=sum(known) if len(known) == len(noises) else None,
        repeats=tried,
        confidence=terms.confidence,
        one_sided=True,
    )
    cases = cases_to_decide(estimate, distance=distance, confidence=terms.confidence, one_sided=True)
    is_guarded = finding.discordant is not None or (finding.measure.is_judged and differ_rarely(pairs))
    return None if repeats == tried else repeats, _at_least(cases, distance, terms) if is_guarded else cases


def _at_least(cases: int | None, distance: float, terms: Terms) -> int | None:
    """So many that what none of them shows is rarer than the distance, see `unseen_share`."""
    if cases is None or not 0 < distance < 1:
        return cases
    return max(cases, math.ceil(math.log1p(-terms.confidence) / math.log1p(-distance)))
