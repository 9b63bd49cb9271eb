"""A comparison in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaizen_eval.evals.comparison.found import Finding, Verdict
from kaizen_eval.evals.comparison.measure import Measure

__all__ = ["advice", "amount", "change", "figure", "percent", "share", "why"]

_PATIENCE = 1_000
"""Repeats beyond which nobody would wait."""


def why(verdict: Verdict, findings: Sequence[Finding], confidence: float) -> str:
    """One sentence, on the findings that made the verdict."""
    telling = [finding for finding in findings if finding.verdict is verdict]
    if verdict is not Verdict.PASS:
        telling = telling[:1]
    return f"{'; '.join(_said(finding, confidence) for finding in telling)}."


def advice(findings: Sequence[Finding], *, repeats: int) -> Iterator[str]:
    """What would decide those that are open; `repeats`: the fewer of both sides."""
    for finding in findings:
        if finding.verdict is Verdict.INCONCLUSIVE:
            yield from _advised(finding, repeats)


def amount(measure: Measure, value: float) -> str:
    """A difference or a limit, without a sign."""
    return _quantity(measure, abs(value))


def change(finding: Finding) -> str:
    """The difference with its sign; of what is spent, as a part of what it was, too."""
    measure = finding.measure
    sign = "+" if finding.difference > 0 else "-" if finding.difference < 0 else "±"
    text = f"{sign}{amount(measure, finding.difference)}"
    if measure.is_judged or not finding.a.value:
        return text
    return f"{text}, {share(finding.difference / finding.a.value)}"


def share(part: float) -> str:
    """Of what is spent, with its sign."""
    return f"{part:+.0%}" if abs(part) >= 0.9995 else f"{part:+.1%}"


def _quantity(measure: Measure, value: float) -> str:
    unit = "" if measure.unit in {"", "USD"} else f" {measure.unit}"
    return f"{figure(measure, value)}{unit}"


def figure(measure: Measure, value: float) -> str:
    """The number; the sign of its unit goes with it where it has one."""
    if measure.unit == "USD":
        return f"${value:.4g}" if value >= 0 else f"-${-value:.4g}"
    if measure.unit:
        return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return f"{value:.3f}"


def percent(confidence: float) -> str:
    return f"{confidence * 100:g} %"


def _said(finding: Finding, confidence: float) -> str:
    measure = finding.measure
    means = f"{figure(measure, finding.a.value)} → {_quantity(measure, finding.b.value)}"
    head = f"{measure.name} {means} ({change(finding)})"
    if any(finding.unjudged):
        return f"{head}, but nobody could judge {_unjudged(finding)}"
    if finding.method == "identical":
        return f"{head}: in {_cases(finding)} nothing differs"
    if finding.method == "too few":
        return f"{head}: all {_cases(finding)} are one cluster, and one says nothing about the next"
    if finding.method == "exact":
        return f"{head}: exact, as both are deterministic; {_lost(finding)}{_accepted(finding)}"
    return f"{head}: with {percent(confidence)} confidence {_bounded(finding)}; {_accepted(finding)}"


def _lost(finding: Finding) -> str:
    """How many cases, and, where others got better, how much in all."""
    if not finding.measure.is_judged:
        return ""
    if not finding.worse_cases:
        return "no case got worse; "
    alone = "" if finding.worst == finding.difference else f", by {amount(finding.measure, finding.worst or 0.0)} alone"
    return f"{finding.worse_cases:,} of {_cases(finding)} got worse{alone}; "


def _bounded(finding: Finding) -> str:
    measure = finding.measure
    worst = (finding.worst or 0.0) * measure.sign
    best = (finding.best or 0.0) * measure.sign
    if finding.verdict is Verdict.FAIL:
        return f"it is worse by at least {amount(measure, best)}"
    if finding.verdict is Verdict.INCONCLUSIVE:
        other = f"better by {amount(measure, best)}" if best > 0 else f"worse by only {amount(measure, best)}"
        return f"it may be worse by {amount(measure, worst)} and may be {other}"
    return f"it is {_at_worst(measure, worst)}"


def _at_worst(measure: Measure, worst: float) -> str:
    if worst >= 0:
        return f"better by at least {amount(measure, worst)}" if worst else "no worse"
    return f"worse by at most {amount(measure, worst)}"


def _accepted(finding: Finding) -> str:
    if not finding.margin:
        return "no loss is accepted"
    return f"a loss of {amount(finding.measure, finding.margin)} is accepted"


def _unjudged(finding: Finding) -> str:
    told = [f"{count:,} in {side}" for count, side in zip(finding.unjudged, "AB", strict=True) if count]
    return f"some trials ({', '.join(told)})"


def _cases(finding: Finding) -> str:
    return f"{finding.cases:,} case{'s' if finding.cases != 1 else ''}"


def _advised(finding: Finding, repeats: int) -> Iterator[str]:
    name, measure = finding.measure.name, finding.measure
    if any(finding.unjudged):
        yield (
            "Score again what a scorer crashed on (kaizen-eval eval --rescore RUN); try again what failed outside of "
            "the agent (eval … --resume)."
        )
        return
    if finding.method == "too few":
        yield "Cases of other clusters would decide it: repeats of these say nothing about others."
        return
    yield _by_repeats(finding, repeats)
    if finding.cases_needed is not None and finding.cases_needed > finding.cases:
        now = f"{finding.cases_needed:,} cases (now {finding.cases:,})"
        yield f"About {now} would decide {name}, if the difference stays."
    if finding.cases_needed is None and not finding.margin:
        yield f"Nothing proves that {name} is not the least bit worse: say how much is accepted, such as --margin 0.02."
    if finding.detectable:  # 0: nothing was seen to vary, which says nothing of what could be
        shown = amount(measure, (finding.margin or 0.0) + finding.detectable)
        passing = amount(measure, finding.detectable)
        yield (
            f"In four of five comparisons so much data shows a loss of {shown} or more, and lets a B that is just as "
            f"good pass at a margin of {passing} or more."
        )


def _by_repeats(finding: Finding, repeats: int) -> str:
    name = finding.measure.name
    if finding.repeats is not None and finding.repeats <= _PATIENCE:
        return f"{finding.repeats:,} repeats of each case on both sides would decide {name}, if the difference stays."
    if repeats == 1:
        return (
            f"Whether repeats would decide {name} is not known: of a single trial nobody can tell how much is chance."
        )
    return f"No number of repeats that one would wait for decides {name}: cases differ too much among themselves."
