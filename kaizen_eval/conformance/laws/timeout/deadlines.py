"""Laws of what a run may take, and each of its attempts."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kaizen_eval.conformance.exchanges import outlives
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.reading import answered, attempts_of, raise_for, shown
from kaizen_eval.conformance.laws.timeout.slow import overrunning, seconds, slow_fault, slow_reply, with_script
from kaizen_eval.conformance.laws.trouble import policies
from kaizen_eval.conformance.observation import Outcome
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import require
from kaizen_eval.fake import HangBeforeHeaders, RateLimit, ServerError

__all__ = ["LAWS"]

_SOURCE = "guide: Common Patterns, Timeout Protection"
_ROUNDING = 1e-6
"""Seconds: virtual time is exact, durations are rounded to the microsecond."""
_MILLISECOND = 0.001


@law(
    "timeout.deadline",
    "Nothing outlives the run's deadline: neither the run, nor an attempt, nor a wait.",
    source=_SOURCE,
    situations=overrunning,
)
def _deadline(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    outcome, limit = seen.outcomes[0], situation.config["timeout"]
    text = f"The run ended after {outcome.seconds:g} s; timeout={limit:g}. It {shown(outcome)}"
    require(outcome.seconds <= limit + _ROUNDING, text, seen)
    deadline_ns = outcome.started_ns + round(limit * 1e9)
    raise_for(outlives(attempts_of(seen), deadline_ns, tolerance=_ROUNDING), seen)


@st.composite
def _never_answered(draw: DrawFn, subject: Subject) -> Situation:
    """There is time to wait after what fails sooner: where there is none, that is what the run raises."""
    limit = draw(seconds())
    silences: list[Saying] = [HangBeforeHeaders(), slow_reply(limit * 2), ServerError(latency=limit * 1.5)]
    silence = draw(st.sampled_from(silences))
    sooner = draw(st.lists(st.sampled_from([ServerError(latency=limit / 8), RateLimit()]), max_size=1))
    each = draw(st.sampled_from([limit * 2, limit]))
    policy = {**draw(policies(least=3)), "base": limit / 8}
    config = {"retry": policy, "timeout": limit, "request_timeout": each}
    script: list[Saying] = [*sooner, *[silence] * 16]
    return with_script(draw, subject, script, config)


@law(
    "timeout.error",
    "A run that does not finish in time raises a TimeoutError, and never makes a result of it.",
    source="guide: Result Handling, Error Handling",
    situations=_never_answered,
)
def _error(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    outcome, limit = seen.outcomes[0], situation.config["timeout"]
    if answered(seen) or not seen.exchanges:
        return
    text = f"No answer came within timeout={limit:g} s: a TimeoutError expected; the run {shown(outcome)}"
    require(isinstance(outcome.error, TimeoutError), text, seen)


@st.composite
def _just_in_time(draw: DrawFn, subject: Subject) -> Situation:
    """All that the script holds, one after the other, takes less than the limit."""
    policy = draw(policies(least=2))
    replies = st.sampled_from([20.0, 1.0, 59.0]).map(slow_reply)
    faults = draw(st.lists(slow_fault(draw(seconds())), max_size=policy["attempts"] - 1))
    script: list[Saying] = [*faults, *draw(st.lists(replies, min_size=1, max_size=3))]
    waits = policy["cap"] * len(faults)
    longest = max(map(_latency, script))
    limit = sum(map(_latency, script)) + sum(map(_told, script)) + waits + 0.5
    config = {"retry": policy, "timeout": limit, "request_timeout": longest + 0.5}
    return with_script(draw, subject, script, config)


@law(
    "timeout.in-time",
    "What is slow, but in time, succeeds.",
    source=_SOURCE,
    situations=_just_in_time,
)
def _in_time(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    outcome = seen.outcomes[0]
    most = sum(map(_latency, situation.script))
    limits = f"timeout={situation.config['timeout']:g}, request_timeout={situation.config['request_timeout']:g}"
    text = f"All answers together take {most:g} s, in time for {limits}; the run {shown(outcome)}"
    require(outcome.error is None, f"{text}{_own_limit(outcome)}", seen)


@st.composite
def _silent_at_first(draw: DrawFn, subject: Subject) -> Situation:
    policy = draw(policies(least=2))
    limit = draw(seconds())
    silent: list[Saying] = [HangBeforeHeaders(), slow_reply(limit * 3)]
    script = draw(st.lists(st.sampled_from(silent), min_size=1, max_size=policy["attempts"] - 1))
    return with_script(draw, subject, script, {"retry": policy, "request_timeout": limit})


@law(
    "timeout.attempt",
    "An attempt that gets no answer within request_timeout is given up at that moment, and tried again.",
    source=_SOURCE,
    situations=_silent_at_first,
)
def _attempt(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    limit = situation.config["request_timeout"]
    for attempt in attempts_of(seen):
        took = attempt.exchange.seconds
        text = f"E{str(attempt)[1:]} was waited for {'for ever' if took is None else f'{took:g} s'}; "
        require(took is not None and took <= limit + _MILLISECOND, f"{text}request_timeout={limit:g}.", seen)
    outcome, faults = seen.outcomes[0], len(situation.script)
    text = f"{faults} of {situation.config['retry']['attempts']} attempts got no answer; the run {shown(outcome)}"
    require(outcome.error is None, f"{text}{_own_limit(outcome)}", seen)


LAWS: tuple[Law, ...] = (_deadline, _error, _in_time, _attempt)


def _latency(saying: Saying) -> float:
    """Of those that are made here, whose latencies are numbers."""
    latency = getattr(saying, "latency", None)
    first = getattr(latency, "first", latency)
    return float(first) if isinstance(first, int | float) else 0.0


def _own_limit(outcome: Outcome) -> str:
    """A hint, where it was no limit of the config's that ended the run."""
    if type(outcome.error) is not TimeoutError:
        return ""
    return " It is not the config that limited it: a limit of the strategy's own is to be told in traits.exempt."


def _told(saying: Saying) -> float:
    return float(getattr(saying, "retry_after", None) or 0.0)
