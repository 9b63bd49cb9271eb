"""Laws of what the provider itself says about trying again."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kaizen_eval.conformance import asking
from kaizen_eval.conformance.exchanges import gave_up_early, permanent_repeated, retry_after_ignored
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.calls import asked_after
from kaizen_eval.conformance.laws.reading import alike, attempts_of, calls_of, left_by_choice, raise_for, shown
from kaizen_eval.conformance.laws.trouble import BRIEF, advised, passing, patient, policies
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import Violation, require
from kaizen_eval.fake import BadRequest, RateLimit, ServerError, ServiceUnavailable, Unprocessable

__all__ = ["LAWS"]

_MILLISECOND = 0.001
_SOURCE = "RFC 9110, 10.2.3. Retry-After"
_SDK_SOURCE = "guide: What agent.run() Does, 4. Retry Logic; x-should-retry as in the OpenAI SDK"


@st.composite
def _told_to_wait(draw: DrawFn, subject: Subject) -> Situation:
    policy = draw(policies(least=2))
    script = draw(st.lists(st.one_of(advised(), advised(), passing()), min_size=1, max_size=policy["attempts"] - 1))
    signature = draw(asking.signatures(subject))
    ask = draw(asking.asks(signature))
    return Situation(signature=signature, asks=(ask,), script=tuple(script), config=patient(policy), latency=BRIEF)


@law(
    "retry.retry-after",
    "Retry-After, in whatever form, is waited for to the millisecond, however long it is.",
    source=_SOURCE,
    situations=_told_to_wait,
)
def _retry_after(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for call in calls_of(seen):
        raise_for(retry_after_ignored(call, tolerance=_MILLISECOND, slack=_MILLISECOND), seen)
        last = call[-1]
        if not lab.traits.recovers and last.retry_after is not None:
            for lapse in gave_up_early(call, situation.config["retry"]["attempts"]):
                raise Violation(f"Retry-After asked for {last.retry_after:g} s. {lapse.text}", seen)


@st.composite
def _told_to_wait_too_long(draw: DrawFn, subject: Subject) -> Situation:
    timeout = draw(st.sampled_from([10.0, 1.0, 60.0]))
    told = draw(st.sampled_from([timeout, timeout + 0.5, timeout * 2, 86_400.0]))
    kind = draw(st.sampled_from([RateLimit, ServiceUnavailable]))
    latency = draw(st.sampled_from([None, 0.25]))
    signature = draw(asking.signatures(subject))
    return Situation(
        signature=signature,
        asks=(draw(asking.asks(signature)),),
        script=(kind(retry_after=told, latency=latency),) * 8,
        config={"retry": draw(policies(least=2)), "timeout": timeout, "request_timeout": timeout},
    )


@law(
    "retry.retry-after-too-long",
    "A Retry-After beyond the run's deadline is not begun to be waited for: the provider's error is raised at once.",
    source=_SOURCE,
    situations=_told_to_wait_too_long,
)
def _retry_after_too_long(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    outcome, advised = seen.outcomes[0], [each for each in attempts_of(seen) if each.retry_after is not None]
    if outcome.result is not None or not advised:
        return
    last = max(advised, key=lambda attempt: attempt.exchange.ended or 0)
    waited = outcome.ended_ns / 1e9 - (last.exchange.ended or 0)
    promised = f"Retry-After of {last.retry_after:g} s cannot be kept within timeout={situation.config['timeout']:g} s"
    text = f"{promised}; the run went on for {waited:g} s, and then {shown(outcome)}"
    require(waited <= _MILLISECOND, text, seen)
    text = f"{promised}: {type(last.error).__name__} expected at once; the run {shown(outcome)}"
    require(isinstance(outcome.error, type(last.error)), text, seen)


@st.composite
def _told_whether(draw: DrawFn, subject: Subject) -> Situation:
    faults = [
        BadRequest(should_retry=True),
        ServerError(should_retry=False),
        RateLimit(should_retry=False),
        Unprocessable(should_retry=True),
    ]
    signature = draw(asking.signatures(subject))
    return Situation(
        signature=signature,
        asks=(draw(asking.asks(signature)),),
        script=(draw(st.sampled_from(faults)),),
        config=patient(draw(policies(least=2))),
        latency=BRIEF,
    )


@law(
    "retry.should-retry",
    "The provider's own word on whether to try again (x-should-retry) goes before what its status says.",
    source=_SDK_SOURCE,
    situations=_told_whether,
)
def _should_retry(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    lapses = [
        lapse for same in alike(seen) for after in asked_after(same, seen) for lapse in permanent_repeated(after[:2])
    ]
    if not lab.traits.recovers:
        most = situation.config["retry"]["attempts"]
        last = [call for call in calls_of(seen) if not left_by_choice(call[-1])]
        lapses += [lapse for call in last for lapse in gave_up_early(call, most)]
    word = "true" if getattr(situation.script[0], "should_retry", None) else "false"
    for lapse in lapses:
        raise Violation(f"The provider said x-should-retry: {word}. {lapse.text}", seen)


LAWS: tuple[Law, ...] = (_retry_after, _retry_after_too_long, _should_retry)
