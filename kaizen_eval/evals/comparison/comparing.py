"""Compares two evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kaizen_eval.errors import EvaluationError, Incomparable, UsageError
from kaizen_eval.evals.comparison.alike import differing, refuse_incomplete, refuse_unlike
from kaizen_eval.evals.comparison.asked import asked_confidence, asked_margins
from kaizen_eval.evals.comparison.deciding import decided, taken_together
from kaizen_eval.evals.comparison.flipping import flips_of
from kaizen_eval.evals.comparison.found import Comparison, Finding
from kaizen_eval.evals.comparison.judging import Terms, finding
from kaizen_eval.evals.comparison.measure import SPENDING, Measure, measure
from kaizen_eval.evals.comparison.noting import notes
from kaizen_eval.evals.comparison.pairing import Pair, Paired, Pairs, paired, with_measure
from kaizen_eval.evals.comparison.source import Comparable, Source, source_of
from kaizen_eval.evals.comparison.wording import advice, why
from kaizen_eval.suggestion import suggestion

__all__ = ["compare", "compared"]

_FIRST = ("score", "passed")


def compare(  # noqa: PLR0913 - each is a decision of whoever asks
    a: Comparable,
    b: Comparable,
    *,
    metric: str | Sequence[str] = "score",
    margin: float | Mapping[str, float] = 0.0,
    confidence: float = 0.95,
    shared: bool = False,
    exact: bool | None = None,
    seed: int = 0,
) -> Comparison:
    """Whether the candidate is no worse than the reference, by how much, and how sure that is.

    Args:
        a: the reference: a folder, a log or an evaluation.
        b: the candidate.
        metric: what decides: `score`, `passed`, a scorer's name, `cost`, `latency`, `tokens`, `attempts`; of several
            none may be worse.
        margin: how much worse is accepted: 0.02 is two points of a score or a rate, and 2 % of what the reference
            spends; one for all, or by metric.
        confidence: of intervals (two-sided) and of the verdict (one-sided).
        shared: compare the cases that both have, complete and unchanged; the others are named.
        exact: without statistics; None: where both are deterministic.
        seed: of the bootstrap.

    Raises:
        Incomparable: other cases, shards or scorers; the message says what differs.
        CasesMissing: an evaluation is incomplete.
        EvaluationError: no case was judged on both sides.
        UsageError: a metric that both do not have, a margin below 0, no confidence between 0 and 1.
    """
    return compared(
        source_of(a),
        source_of(b),
        margins=asked_margins(metric, margin),
        confidence=asked_confidence(confidence),
        shared=shared,
        exact=exact,
        seed=seed,
    )


def compared(  # noqa: PLR0913 - as above
    a: Source,
    b: Source,
    *,
    margins: Mapping[str, float],
    confidence: float,
    shared: bool,
    exact: bool | None,
    seed: int,
) -> Comparison:
    """The same of what was read."""
    pairs = _pairs(a, b, [measure(name) for name in margins], shared=shared)
    deterministic = a.side.manifest.is_deterministic and b.side.manifest.is_deterministic
    terms = Terms(confidence, seed, deterministic if exact is None else exact, is_on_virtual_time=deterministic)
    findings = _findings(a, b, pairs.both, margins, terms)
    verdict = taken_together(findings)
    return Comparison(
        verdict=verdict,
        why=why(verdict, findings, confidence),
        a=a.side.manifest,
        b=b.side.manifest,
        origins=(a.side.origin, b.side.origin),
        findings=findings,
        confidence=confidence,
        flips=flips_of(pairs.both, a, b, terms),
        only_a=pairs.only_a,
        only_b=pairs.only_b,
        changed=pairs.changed,
        incomplete=pairs.incomplete,
        differs=differing(a.side.manifest, b.side.manifest),
        notes=tuple(notes(pairs, findings, terms)),
        advice=tuple(advice(findings, repeats=min(a.side.manifest.repeats, b.side.manifest.repeats))),
        is_exact=terms.is_exact,
        is_unjudged=any(any(each.unjudged) for each in findings if each.verdict is verdict),
    )


def _pairs(a: Source, b: Source, deciding: Sequence[Measure], *, shared: bool) -> Pairs:
    refuse_unlike(a.side, b.side, judged=any(each.is_judged for each in deciding), shared=shared)
    if not shared:
        refuse_incomplete([a.side, b.side])
    pairs = paired(a.side, b.side)
    if not pairs.both:
        raise Incomparable("They share no case that is complete on both sides: there is nothing to compare.")
    return pairs


def _findings(
    a: Source, b: Source, both: Sequence[Paired], margins: Mapping[str, float], terms: Terms
) -> tuple[Finding, ...]:
    known = [*_known(a, b)]
    found: dict[str, Finding] = {}
    for name, pairs in _told(known, both, margins):
        if (each := finding(both, measure(name), terms, pairs=pairs)) is not None:
            found[name] = each
    for name in margins:
        if name not in found:
            _refuse_unjudged(name, both)
            raise UsageError(f"{name!r} is no metric of both{suggestion(name, known)} Both have: {', '.join(known)}.")
    ordered = [found[name] for name in (*margins, *(name for name in found if name not in margins))]
    units = {name: _in_unit(found[name], share) for name, share in margins.items()}
    return decided(ordered, units, both, terms)


def _known(a: Source, b: Source) -> Iterator[str]:
    """What is judged only where the same scorers judged both."""
    alike = a.side.manifest.scorers == b.side.manifest.scorers
    of_a, of_b = a.side.measures, b.side.measures
    names = of_a | of_b
    spent = [name for name in SPENDING if name in of_a & of_b]
    if alike:
        yield from (name for name in _FIRST if name in names)
        yield from sorted(names - {*_FIRST, *SPENDING})
    yield from spent


def _refuse_unjudged(name: str, both: Sequence[Paired]) -> None:
    if any(pair.a.unjudged(name) or pair.b.unjudged(name) for pair in both):
        raise EvaluationError(
            f"Of no case {name} is known on both sides: scorers crashed, or trials failed outside of the agent. Score "
            "again what a scorer crashed on (kaizen-eval eval --rescore RUN); try again what failed outside (eval … "
            "--resume)."
        )


def _told(
    known: Iterable[str], both: Sequence[Paired], margins: Mapping[str, float]
) -> Iterator[tuple[str, Sequence[Pair]]]:
    """Without those that say the same as one before, as the only scorer and the score do: one is no evidence for the
    other.
    """
    seen: list[Sequence[Pair]] = []
    for name in known:
        pairs = with_measure(both, name)
        if name in SPENDING:
            yield name, pairs
        elif name in margins or pairs not in seen:
            seen.append(pairs)
            yield name, pairs


def _in_unit(found: Finding, share: float) -> float:
    return share if found.measure.is_judged else share * found.a.value
