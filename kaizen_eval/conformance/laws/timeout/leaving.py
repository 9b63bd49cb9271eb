"""Laws of what is left when a run has ended, also before its time."""

from __future__ import annotations

import asyncio

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.conformance.exchanges import cancelled_late
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.reading import attempts_of, raise_for, shown
from kaizen_eval.conformance.laws.timeout.slow import overrunning, slow, slow_reply, with_script
from kaizen_eval.conformance.laws.trouble import policies
from kaizen_eval.conformance.observation import Observation, Outcome
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import NotApplicable, require

__all__ = ["LAWS"]

_SOURCE = "guide: What agent.run() Does, 1. Async Execution"
_ROUNDING = 1e-6


@st.composite
def _cancelled(draw: DrawFn, subject: Subject) -> Situation:
    """By its caller: while an answer is awaited, of its first call or a later one, or while it waits to try again."""
    after = draw(st.sampled_from([1.0, 0.25, 5.0]))
    answered = draw(st.integers(0, 2)) if subject.traits.calls_per_run != 1 else 0
    script = [*[slow_reply(after / 4)] * answered, *draw(st.lists(slow(after * 2), min_size=1, max_size=4))]
    config = {"retry": draw(policies(least=3, base=0.5))}
    return with_script(draw, subject, script, config, cancel_after=after)


@law(
    "timeout.cancels-the-request",
    "A run that its caller cancels ends at that moment with CancelledError, and its requests with it.",
    source=_SOURCE,
    situations=_cancelled,
)
def _cancels_the_request(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    outcome = seen.outcomes[0]
    after = situation.asks[0].cancel_after or 0.0
    if outcome.seconds < after - _ROUNDING:
        return
    given_up_ns = outcome.started_ns + round(after * 1e9)
    raise_for(cancelled_late(attempts_of(seen), given_up_ns, tolerance=_ROUNDING), seen)
    text = f"Cancelled after {after:g} s, the run went on until {outcome.seconds:g} s, and {shown(outcome)}"
    require(outcome.seconds <= after + _ROUNDING, text, seen)
    if not _ended_just_then(seen, outcome):
        text = f"Cancelled after {after:g} s, the run was to raise CancelledError; it {shown(outcome)}"
        require(isinstance(outcome.error, asyncio.CancelledError), text, seen)


def _ended_just_then(seen: Observation, outcome: Outcome) -> bool:
    """Whether an answer came at the very moment of the cancellation: then it may have been the first."""
    last = max((each.ended_ns or 0 for each in seen.exchanges if each.error != "CancelledError"), default=0)
    return last == outcome.ended_ns


def _any_end(subject: Subject) -> SearchStrategy[Situation]:
    return st.one_of(overrunning(subject), overrunning(subject, fails_at_once=True), _cancelled(subject))


@law(
    "timeout.leaves-nothing",
    "However a run ends, it leaves neither a task nor a request behind.",
    source=_SOURCE,
    situations=_any_end,
)
def _leaves_nothing(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    if not seen.outcomes:
        raise NotApplicable("The run did not end.")
    outcome = seen.outcomes[0]
    tasks = ", ".join(seen.leftovers)
    require(not seen.leftovers, f"The run {shown(outcome)} Tasks that are still there: {tasks}.", seen)
    still_open = [f"exchange {each.number}" for each in seen.exchanges if each.ended_ns is None]
    text = f"The run {shown(outcome)} Requests that are still open: {', '.join(still_open)}."
    require(not still_open, text, seen)


LAWS: tuple[Law, ...] = (_cancels_the_request, _leaves_nothing)
