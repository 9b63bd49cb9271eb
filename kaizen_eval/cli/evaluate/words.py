"""How figures of an evaluation are written, wherever they are told."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval import amounts
from kaizen_eval.amounts import duration, many, milliseconds, money, percent
from kaizen_eval.cli.output import legible
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.summary import Rate, Reliability, Summary

__all__ = [
    "cost",
    "figures",
    "head",
    "interval",
    "latency",
    "left_out",
    "others",
    "spent",
    "unjudged",
]

_KINDS = {
    Outcome.FAILED: ("failed", "failed"),
    Outcome.TASK_ERROR: ("task error", "task errors"),
    Outcome.SCORER_ERROR: ("scorer error", "scorer errors"),
    Outcome.TIMEOUT: ("timeout", "timeouts"),
    Outcome.BUDGET_EXCEEDED: ("over budget", "over budget"),
    Outcome.NOT_RUN: ("not run", "not run"),
}


def head(manifest: Manifest, summary: Summary) -> str:
    """How much passed, of all that was planned."""
    if not summary.cases:
        return f"{legible(_dataset(manifest))}: no case."
    whole = many(summary.cases, "case")
    if summary.repeats > 1:
        whole = f"{many(summary.trials, 'trial')} of {whole}"
    least = "" if summary.is_whole else "at least "
    rate = f"{least}{percent(summary.rate.value)} ({interval(summary.rate)})"
    return f"{legible(_dataset(manifest))}: {summary.passed:,} of {whole} passed, {rate}."


def _dataset(manifest: Manifest) -> str:
    """Its name, and which part of it."""
    return manifest.dataset if manifest.shard is None else f"{manifest.dataset}, part {manifest.shard}"


def interval(rate: Rate) -> str:
    return amounts.interval(rate.low, rate.high)


def others(summary: Summary) -> str:
    """What became of the trials that did not pass; empty where all did."""
    told = [(summary.outcomes[kind], words) for kind, words in _KINDS.items() if summary.outcomes[kind]]
    return ", ".join(f"{count:,} {one if count == 1 else several}" for count, (one, several) in told)


def left_out(summary: Summary) -> str:
    """Why the rate is a lower bound; empty where it is none."""
    if summary.is_whole:
        return ""
    count = summary.rate.unjudged
    what = "trial that nobody could judge counts" if count == 1 else "trials that nobody could judge count"
    return f"{count:,} {what} as not passed, and the interval allows for either."


def unjudged(summary: Summary) -> Iterator[str]:
    """What was not judged, and by whom: nobody looks for a score that is not there."""
    for scorer in summary.scorers:
        if scorer.is_silent:
            name = legible(scorer.name)
            yield f"{name} found nothing to judge: no case says what it compares with, or has a tag that it is for."
    if summary.unscored:
        count = many(summary.unscored, "trial")
        yield f"{count} passed without being judged: say what is expected, or name a scorer that looks at them."


def figures(summary: Summary, seconds: float, *, is_virtual: bool) -> Iterator[tuple[str, str]]:
    """Names, and what is said of them."""
    if others(summary):
        yield "not passed", others(summary)
    if summary.score is not None:
        yield "mean score", f"{summary.score:.3f}"
    if summary.reliability is not None:
        yield "repeats", _repeats(summary.reliability, summary.repeats)
    yield "spent", spent(summary)
    for scorer in summary.scorers:
        if scorer.usage.total or scorer.cost != 0:
            spent_by_it = "cost unknown" if scorer.cost is None else money(scorer.cost)
            yield "judging", f"{legible(scorer.name)}: {scorer.usage.total:,} tokens; {spent_by_it}"
    if summary.latency is not None:
        yield "latency", latency(summary)
    yield "took", f"{duration(seconds)}{' of virtual time' if is_virtual else ''}"


def _repeats(reliability: Reliability, repeats: int) -> str:
    """The chance of one try, and what becomes of it with all of them."""
    once = percent(reliability.pass_at[1])
    some, each = percent(reliability.pass_at[repeats]), percent(reliability.pass_all[repeats])
    return f"pass@1 {once}, pass@{repeats} {some} (at least once), pass^{repeats} {each} (every time)"


def spent(summary: Summary) -> str:
    if not summary.attempts:
        return "unknown: nothing was asked by an agent of kaizen-eval"
    usage = summary.usage
    cached = f", {usage.cached:,} of them cached" if usage.cached else ""
    tokens = f"{usage.total:,} tokens ({usage.prompt:,} in{cached}, {usage.completion:,} out)"
    return f"{many(summary.attempts, 'request')}, {tokens if usage.total else 'tokens unknown'}; {cost(summary)}"


def cost(summary: Summary) -> str:
    """An unknown cost is said to be unknown: it is no 0."""
    if summary.cost is not None:
        return money(summary.cost)
    if not summary.known_cost:
        return "cost unknown"
    return f"cost unknown: {money(summary.known_cost)}, and that of {many(summary.unpriced, 'trial')}"


def latency(summary: Summary) -> str:
    """Empty where nothing ran."""
    if summary.latency is None:
        return ""
    times = summary.latency
    told = ", ".join(
        f"{name} {milliseconds(ms)}"
        for name, ms in [("p90", times.p90), ("p99", times.p99), ("longest", times.longest)]
    )
    return f"median {milliseconds(times.p50)}, {told}"
