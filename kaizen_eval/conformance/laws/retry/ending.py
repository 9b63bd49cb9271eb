"""Laws of what is raised when trying again has not helped."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kaizen_eval.conformance import asking
from kaizen_eval.conformance.exchanges import Tried
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.reading import answered, calls_of, shown
from kaizen_eval.conformance.laws.trouble import BRIEF, passing, patient, policies
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import require
from kaizen_eval.errors import ProviderError

__all__ = ["LAWS"]


@st.composite
def _more_than_there_are_attempts(draw: DrawFn, subject: Subject) -> Situation:
    """Neighbours differ, so that the last cause can be told from those before it."""
    policy = draw(policies(most=4))
    kinds = draw(st.lists(passing(), min_size=2, max_size=4, unique_by=type))
    signature = draw(asking.signatures(subject))
    script = (tuple(kinds) * 16)[:32]
    return Situation(
        signature=signature, asks=(draw(asking.asks(signature)),), script=script, config=patient(policy), latency=BRIEF
    )


@law(
    "retry.last-cause",
    "When all attempts are used up, the run raises what the last one met.",
    source="guide: Result Handling, Error Handling",
    situations=_more_than_there_are_attempts,
)
def _last_cause(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    outcome = seen.outcomes[0]
    if outcome.error is None:
        require(answered(seen) or not seen.exchanges, f"No attempt was answered, and the run {shown(outcome)}", seen)
        return
    require(seen.exchanges, f"Nothing was asked: the run {shown(outcome)}", seen)
    last = [call[-1] for call in calls_of(seen)]
    expected = " or ".join(dict.fromkeys(map(_named, last)))
    text = f"The last attempt met {expected}; the run {shown(outcome)}"
    require(any(_is(outcome.error, attempt) for attempt in last), text, seen)


LAWS: tuple[Law, ...] = (_last_cause,)


def _is(error: BaseException, attempt: Tried) -> bool:
    cause = attempt.error
    if type(error) is not type(cause):
        return False
    return not isinstance(cause, ProviderError) or cause.status in {None, getattr(error, "status", None)}


def _named(attempt: Tried) -> str:
    status = attempt.error.status if isinstance(attempt.error, ProviderError) else None
    return f"{type(attempt.error).__name__}{'' if status is None else f' ({status})'}"
