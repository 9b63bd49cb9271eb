"""A summary in words: the sentence at the top of a report, with the figures below it."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.amounts import interval, many, money, percent
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.summary import Summary

__all__ = ["figures", "head", "left_out"]


def head(summary: Summary) -> str:
    """How much passed, of all that was planned."""
    whole = many(summary.cases, "case")
    if summary.repeats > 1:
        whole = f"{summary.trials:,} trials of {whole}"
    least, rate = "" if summary.is_whole else "at least ", summary.rate
    return f"{summary.passed:,} of {whole} passed: {least}{percent(rate.value)} ({interval(rate.low, rate.high)})."


def left_out(summary: Summary) -> Iterator[str]:
    """Why the rate is a lower bound."""
    crashed = summary.outcomes[Outcome.SCORER_ERROR]
    if summary.missing:
        yield f"{_were(summary.missing, 'planned trial')} not run: counted as not passed."
    if crashed:
        yield f"{_were(crashed, 'answer')} not scored, as a scorer crashed: counted as not passed."
    if summary.outside:
        yield f"{_were(summary.outside, 'trial')} lost for reasons outside of the agent: counted as not passed."


def figures(summary: Summary) -> Iterator[tuple[str, str]]:
    """Names and values, each in few words."""
    repeats = "" if summary.repeats == 1 else f", {summary.repeats} times"
    yield "Cases", f"{summary.cases:,}{repeats}"
    yield "Passed", percent(summary.rate.value)
    if summary.reliability is not None:
        k = summary.repeats
        yield f"pass@{k}", percent(summary.reliability.pass_at[k])
        yield f"pass^{k}", percent(summary.reliability.pass_all[k])
    yield "Mean score", "-" if summary.score is None else f"{summary.score:.3f}"
    yield "Tokens", f"{summary.usage.total:,}"
    yield "Cost", "unknown" if summary.cost is None else money(summary.cost)
    if summary.latency is not None:
        yield "Median time", _time(summary.latency.p50)
        yield "90 % within", _time(summary.latency.p90)


def _were(count: int, what: str) -> str:
    return f"{many(count, what)} {'was' if count == 1 else 'were'}"


def _time(ms: float) -> str:
    return f"{ms / 1000:.2f} s" if ms >= 1000 else f"{ms:.3g} ms"
