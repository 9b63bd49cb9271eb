"""Laws of how often is tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.conformance import asking
from kaizen_eval.conformance.exchanges import gave_up_early, permanent_repeated, success_repeated, too_many
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.calls import asked_after
from kaizen_eval.conformance.laws.reading import alike, answered, calls_of, left_by_choice, raise_for, shown
from kaizen_eval.conformance.laws.trouble import BRIEF, lasting, passing, patient, policies, unfit
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import Violation, require
from kaizen_eval.fake import GENERATED, Fault
from kaizen_eval.strategies.traits import Traits

__all__ = ["LAWS"]

_ANOTHER_SAMPLE = "(Who wants another answer asks with another seed or temperature, or says what was wrong.)"
_SOURCE = "guide: What agent.run() Does, 4. Retry Logic"


@st.composite
def _within_the_budget(draw: DrawFn, subject: Subject) -> Situation:
    """Faults that pass, fewer than there are attempts; of a strategy that keeps nothing, in each of two runs."""
    policy = draw(policies(least=2))
    faults = st.lists(passing(), min_size=1, max_size=policy["attempts"] - 1)
    once = _asked(draw, subject, draw(faults), policy)
    if not subject.traits.is_stateless or subject.traits.calls_per_run != 1 or draw(st.booleans()):
        return once
    return replace(once, asks=once.asks * 2, script=(*once.script, GENERATED, *draw(faults)))


@law(
    "retry.attempts",
    "Faults that pass, within the policy's attempts, end in success, with one attempt more for each and no other.",
    source=_SOURCE,
    situations=_within_the_budget,
)
def _attempts(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    most = situation.config["retry"]["attempts"]
    if not lab.traits.recovers:
        for call in calls_of(seen):
            if not left_by_choice(call[-1]):
                raise_for(gave_up_early(call, most), seen)
    faults = sum(isinstance(saying, Fault) for saying in situation.script)
    for outcome in seen.outcomes:
        text = f"The run {shown(outcome)}, after {_count(faults, 'fault')} that pass"
        require(outcome.error is None, f"{text}; retry.attempts={most} allows to go on.", seen)
    calls = lab.traits.calls_per_run
    if calls is not None and not lab.traits.recovers:
        calls *= len(situation.asks)
        asked, expected = len(seen.exchanges), calls + faults
        text = (
            f"{_count(asked, 'attempt')} in all; {_count(calls, 'call')} and {_count(faults, 'fault')} make {expected}."
        )
        require(asked == expected, text, seen)


@st.composite
def _any_mix(draw: DrawFn, subject: Subject) -> Situation:
    """More faults than attempts, and replies that do not fit among them."""
    policy = draw(policies(most=4))
    again = draw(st.integers(0, 2))
    least = policy["attempts"] + 1
    sayings = st.one_of(passing(), passing(), unfit())
    script = draw(
        st.one_of(st.lists(passing(), min_size=least, max_size=12), st.lists(sayings, min_size=least, max_size=16))
    )
    return _asked(draw, subject, script, policy, output_retries=again)


@law(
    "retry.budget",
    "No call has more attempts than the policy allows, whatever goes wrong, and no run more than its calls may have.",
    source=_SOURCE,
    situations=_any_mix,
)
def _budget(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    most = situation.config["retry"]["attempts"]
    for call in calls_of(seen):
        raise_for(too_many(call, most), seen)
    calls, again = lab.traits.calls_per_run, situation.config["output_retries"]
    if calls is None or lab.traits.recovers:
        return
    asked, allowed = len(seen.exchanges), calls * (1 + again) * most
    require(
        asked <= allowed,
        f"{_count(asked, 'attempt')} in all; {_count(calls, 'call')} with output_retries={again} and "
        f"retry.attempts={most} may have {allowed}.",
        seen,
    )


@st.composite
def _one_that_lasts(draw: DrawFn, subject: Subject) -> Situation:
    policy = draw(policies(least=2))
    before = draw(st.lists(passing(), max_size=min(2, policy["attempts"] - 2)))
    return _asked(draw, subject, [*before, draw(lasting())], policy)


@law(
    "retry.permanent",
    "What will not pass is never asked again.",
    source=_SOURCE,
    situations=_one_that_lasts,
)
def _permanent(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for attempts in alike(seen):
        for after in asked_after(attempts, seen):
            raise_for(permanent_repeated(after[:2]), seen)


@st.composite
def _some_that_pass(draw: DrawFn, subject: Subject) -> Situation:
    policy = draw(policies(least=3))
    sayings: SearchStrategy[Saying] = st.one_of(st.just(GENERATED), passing())
    script = draw(st.lists(sayings, max_size=policy["attempts"] - 1))
    return _asked(draw, subject, script, policy)


@law(
    "retry.success-once",
    "What was answered is never asked again.",
    source=_SOURCE,
    situations=_some_that_pass,
)
def _success_once(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    calls = lab.traits.calls_per_run
    for attempts in alike(seen):
        if calls is None or sum(attempt.is_answer for attempt in attempts) > calls:
            for after in asked_after(attempts, seen):
                for lapse in success_repeated(after[:2]):
                    raise Violation(f"{lapse.text} {_ANOTHER_SAMPLE}", seen)
    if calls is not None and not lab.traits.recovers:
        _require_as_many_answers(calls, seen)


def _require_as_many_answers(calls: int, seen: Observation) -> None:
    found = len(answered(seen))
    require(found <= calls, f"{_count(found, 'answer')} were asked for; the strategy says calls_per_run={calls}.", seen)


def _unless_varied(traits: Traits) -> str | None:
    if traits.calls_per_run is None:
        return "It does not say how many calls a run makes (traits.calls_per_run)."
    return "It goes on after what has failed (traits.recovers)." if traits.recovers else None


@st.composite
def _never_fitting(draw: DrawFn, subject: Subject) -> Situation:
    script = draw(st.lists(unfit(), min_size=12, max_size=12))
    again = draw(st.integers(0, 3))
    return _asked(draw, subject, script, draw(policies()), output_retries=again)


@law(
    "retry.output-retries",
    "A reply that does not fit is asked for again output_retries times and no more.",
    source="guide: What agent.run() Does, 8. Result Parsing",
    situations=_never_fitting,
    objection=_unless_varied,
)
def _output_retries(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    again = situation.config["output_retries"]
    asked, allowed = len(seen.exchanges), (lab.traits.calls_per_run or 1) * (1 + again)
    text = (
        f"{_count(asked, 'reply', 'replies')} that do not fit were asked for; output_retries={again} allows {allowed}."
    )
    require(asked <= allowed, text, seen)


LAWS: tuple[Law, ...] = (_attempts, _budget, _permanent, _success_once, _output_retries)


def _asked(draw: DrawFn, subject: Subject, script: Sequence[Saying], policy: dict[str, Any], **more: Any) -> Situation:
    """One run that meets this script."""
    signature = draw(asking.signatures(subject))
    ask = draw(asking.asks(signature))
    config = patient(policy, **more)
    return Situation(signature=signature, asks=(ask,), script=tuple(script), config=config, latency=BRIEF)


def _count(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
