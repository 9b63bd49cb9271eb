"""Laws of how long is waited between attempts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kaizen_eval.conformance import asking
from kaizen_eval.conformance.exchanges import ceiling, waited_too_long, waits
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.reading import calls_of, raise_for
from kaizen_eval.conformance.laws.trouble import BRIEF, passing, patient, policies
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import NotApplicable, require

__all__ = ["LAWS"]

_SOURCE = "guide: Common Patterns, Retry on Failure"
_NANOSECONDS = 1e-6
"""Seconds: what rounding may add to a wait."""


@st.composite
def _several_waits(draw: DrawFn, subject: Subject) -> Situation:
    policy = draw(policies(least=3, most=6, base=0.1))
    faults = draw(st.lists(passing(), min_size=2, max_size=policy["attempts"] - 1))
    signature = draw(asking.signatures(subject))
    config = patient(policy, seed_jitter=draw(st.integers(0, 1000)))
    return Situation(
        signature=signature, asks=(draw(asking.asks(signature)),), script=tuple(faults), config=config, latency=BRIEF
    )


@law(
    "retry.waits",
    "Without advice, the wait after the n-th failure lies in [0, min(cap, base * 2 ** (n - 1))].",
    source=_SOURCE,
    situations=_several_waits,
)
def _waits(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    policy = situation.config["retry"]
    for call in calls_of(seen):
        raise_for(waited_too_long(call, base=policy["base"], cap=policy["cap"], tolerance=_NANOSECONDS), seen)


@law(
    "retry.jitter",
    "Waits are jittered: two agents that meet the same faults at the same time do not come back at the same time.",
    source=_SOURCE,
    situations=_several_waits,
)
def _jitter(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    other = lab.play_with(situation, config={**situation.config, "seed_jitter": situation.config["seed_jitter"] + 1})
    ours, theirs = _all_waits(seen), _all_waits(other)
    if not ours:
        raise NotApplicable("It did not try again, so that there are no waits to compare.")
    listed = ", ".join(f"{seconds:g}" for seconds in ours)
    text = f"Two agents with other seeds of jitter waited the same: {listed} s; jittered waits differ."
    require(ours != theirs, text, seen)


@law(
    "retry.jitter-none",
    'With jitter "none" the wait after the n-th failure is exactly min(cap, base * 2 ** (n - 1)).',
    source=_SOURCE,
    situations=lambda subject: _several_waits(subject).map(_without_jitter),
)
def _jitter_none(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    policy = situation.config["retry"]
    for call in calls_of(seen):
        for failed, seconds in enumerate(waits(call), start=1):
            exact = ceiling(failed, base=policy["base"], cap=policy["cap"])
            text = f'Waited {seconds:g} s after failure {failed}; exactly {exact:g} s expected with jitter "none".'
            require(abs(seconds - exact) <= _NANOSECONDS, text, seen)


LAWS: tuple[Law, ...] = (_waits, _jitter, _jitter_none)


def _without_jitter(situation: Situation) -> Situation:
    policy = {**situation.config["retry"], "jitter": "none"}
    config = {**situation.config, "retry": policy}
    return replace(situation, config=config)


def _all_waits(seen: Observation) -> list[float]:
    return sorted(seconds for call in calls_of(seen) for seconds in waits(call))
