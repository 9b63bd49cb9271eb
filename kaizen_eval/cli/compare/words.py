"""What the reports of a comparison say alike."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from kaizen_eval.amounts import many
from kaizen_eval.evals.comparison import Comparison, Finding, Flip, Mean, Version
from kaizen_eval.evals.comparison.wording import figure, percent, share

__all__ = ["answered", "flips_head", "interval", "legend", "p_value", "rows", "sides", "value", "versions"]

_MOST = 160
"""Characters of a value that are shown."""
_METHODS = {
    "bootstrap": "wider of the t interval and the bootstrap, as the data are few or skewed",
    "t": "cluster-robust t interval, paired by case",
}


def rows(comparison: Comparison) -> Iterator[tuple[str, str, str, str, str, str]]:
    """For each measure: name, A, B, difference, its interval, verdict."""
    for finding in comparison.findings:
        measure = finding.measure
        name = f"{measure.name} ({measure.unit})" if measure.unit not in {"", "USD", measure.name} else measure.name
        verdict = "" if finding.verdict is None else finding.verdict.value
        means = _mean(finding, finding.a), _mean(finding, finding.b)
        yield name, *means, _signed(finding, finding.difference), interval(finding), verdict


def interval(finding: Finding) -> str:
    """Of the difference; empty where it is known."""
    if finding.method == "too few":
        return "unknown"
    if finding.low is None or finding.high is None:
        return finding.method
    return f"{_signed(finding, finding.low)} … {_signed(finding, finding.high)}"


def p_value(finding: Finding) -> str:
    """Held against all measures; empty where there is no chance in it."""
    if finding.p_holm is None or finding.low is None:
        return ""
    return _p(finding.p_holm)


def legend(comparison: Comparison) -> str:
    """How the limits were found; empty where nothing was estimated."""
    methods = dict.fromkeys(finding.method for finding in comparison.findings)
    told = [_METHODS[method] for method in ("t", "bootstrap") if method in methods]
    if not told:
        return ""
    return f"Interval: {percent(comparison.confidence)}, {'; or the '.join(told)}. p: two-sided, after Holm."


def sides(comparison: Comparison) -> Iterator[tuple[str, str, str]]:
    """A and B: letter, where it is, what it is."""
    for letter, manifest, origin in zip("AB", (comparison.a, comparison.b), comparison.origins, strict=True):
        cases = comparison.findings[0].cases if comparison.findings else 0
        repeated = f", {manifest.repeats:,} times each" if manifest.repeats > 1 else ""
        told = [manifest.task, manifest.model, f"{many(cases, 'case')}{repeated}"]
        yield letter, origin or manifest.id, ", ".join(part for part in told if part)


def flips_head(comparison: Comparison) -> str:
    """How many cases changed, and which way; of single trials with McNemar's p."""
    counts = {change: sum(flip.change == change for flip in comparison.flips) for change in ("lost", "won", "changed")}
    told = [f"{count:,} {change}" for change, count in counts.items() if count]
    discordant = next((each.discordant for each in comparison.findings if each.discordant is not None), None)
    p = f"; McNemar mid-p {_p(discordant.p)}" if discordant is not None and not comparison.is_exact else ""
    return f"Cases that changed: {', '.join(told)}{p}" if told else ""


def versions(flip: Flip) -> Iterator[tuple[str, str, str]]:
    """What was expected, and what A and B made of it: letter, value, why it is not good."""
    if flip.expected is not None:
        yield "expected", value(flip.expected), ""
    for letter, version in (("A", flip.a), ("B", flip.b)):
        yield letter, answered(version), version.why


def answered(version: Version) -> str:
    passed = f"{version.passed} of {version.trials} passed" if version.trials else "not judged"
    if version.trials == 1:
        passed = "passed" if version.passed else "did not pass"
    return passed if version.answered is None else f"{value(version.answered)} ({passed})"


def value(held: object) -> str:
    """As JSON on one line, shortened."""
    text = json.dumps(held, ensure_ascii=False, default=str)
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.0005 else "<0.001"


def _mean(finding: Finding, mean: Mean) -> str:
    return figure(finding.measure, mean.value)


def _signed(finding: Finding, number: float) -> str:
    """Of what is spent, as a part of what A spends."""
    if not math.isfinite(number):
        return "unlimited"
    if not finding.measure.is_judged and finding.a.value:
        return share(number / finding.a.value)
    text = figure(finding.measure, number)
    return f"+{text}" if number > 0 else text
