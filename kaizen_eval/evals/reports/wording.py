"""A summary in words: the sentence at the top of a report, with the figures below it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.summary import Summary

__all__ = ["figures", "head", "left_out"]


def head(summary: Summary) -> str:
    """How much passed, of all that was planned."""
    whole = f"{summary.cases:,} case{'' if summary.cases == 1 else 's'}"
    if summary.repeats > 1:
        whole = f"{summary.trials:,} trials of {whole}"
    least, rate = "" if summary.is_whole else "at least ", summary.rate
    interval = f"95 %: {100 * rate.low:.1f} to {100 * rate.high:.1f}"
    return f"{summary.passed:,} of {whole} passed: {least}{_percent(rate.value)} ({interval})."


def left_out(summary: Summary) -> Iterator[str]:
    """Why the rate is a lower bound."""
    crashed = summary.outcomes[Outcome.SCORER_ERROR]
    if summary.missing:
        yield f"{_many(summary.missing, 'planned trial')} not run: counted as not passed."
    if crashed:
        yield f"{_many(crashed, 'answer')} not scored, as a scorer crashed: counted as not passed."
    if summary.outside:
        yield f"{_many(summary.outside, 'trial')} lost for reasons outside of the agent: counted as not passed."


def figures(summary: Summary) -> Iterator[tuple[str, str]]:
    """Names and values, each in few words."""
    repeats = "" if summary.repeats == 1 else f", {summary.repeats} times"
    yield "Cases", f"{summary.cases:,}{repeats}"
    yield "Passed", _percent(summary.rate.value)
    if summary.reliability is not None:
        k = summary.repeats
        yield f"pass@{k}", _percent(summary.reliability.pass_at[k])
        yield f"pass^{k}", _percent(summary.reliability.pass_all[k])
    yield "Mean score", "-" if summary.score is None else f"{summary.score:.3f}"
    yield "Tokens", f"{summary.usage.total:,}"
    yield "Cost", "unknown" if summary.cost is None else _money(summary.cost)
    if summary.latency is not None:
        yield "Median time", _time(summary.latency.p50)
        yield "90 % within", _time(summary.latency.p90)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _many(count: int, what: str) -> str:
    return f"{count:,} {what} was" if count == 1 else f"{count:,} {what}s were"


def _money(amount: Decimal) -> str:
    """US dollars, small amounts with two digits that say something."""
    digits = 2 if amount == 0 or amount >= 1 else max(2, 1 - amount.adjusted())
    return f"${amount:,.{digits}f}"


def _time(ms: float) -> str:
    return f"{ms / 1000:.2f} s" if ms >= 1000 else f"{ms:.3g} ms"
