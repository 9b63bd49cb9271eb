"""Situations in which much is slow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.conformance import asking
from kaizen_eval.conformance.laws.trouble import AGES, policies
from kaizen_eval.conformance.situation import Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.fake import BadRequest, Generated, HangBeforeHeaders, Latency, RateLimit, ServerError

__all__ = ["overrunning", "seconds", "slow", "slow_fault", "slow_reply", "with_script"]


def seconds() -> SearchStrategy[float]:
    """Time limits."""
    return st.sampled_from([10.0, 1.0, 60.0, 2.5])


def slow_reply(latency: float) -> Generated:
    """One that fits, after so many seconds."""
    return Generated(latency=Latency(first=latency))


def slow_fault(limit: float) -> SearchStrategy[Saying]:
    """One that passes, and takes a part of the limit; the wait after it may take one, too."""
    parts = st.sampled_from([limit / 4, limit / 2, limit * 0.75])
    plain = parts.map(lambda latency: ServerError(latency=latency))
    return st.one_of(plain, st.builds(lambda own, told: RateLimit(latency=own, retry_after=told), parts, parts))


def slow(limit: float) -> SearchStrategy[Saying]:
    """Whatever may come in a run that has so many seconds: most of it takes a part of them, some more than all."""
    replies = st.sampled_from([limit / 4, limit / 2, limit * 2]).map(slow_reply)
    silent: SearchStrategy[Saying] = st.just(HangBeforeHeaders())
    return st.one_of(slow_fault(limit), slow_fault(limit), replies, silent)


@st.composite
def overrunning(draw: DrawFn, subject: Subject, *, fails_at_once: bool = False) -> Situation:
    """A run with much to wait for, within one limit for all of it and another for each attempt.

    Where it fails at once, that is the first answer; what else it has asked for at the same time comes later.
    """
    limit = draw(seconds())
    script = [*draw(st.lists(slow(limit), max_size=4)), *[HangBeforeHeaders()] * draw(st.sampled_from([2, 0]))]
    each = draw(st.sampled_from([limit * 2, limit / 2]))
    config = {"retry": draw(policies(least=2)), "timeout": limit, "request_timeout": each}
    return with_script(draw, subject, [BadRequest(), *script] if fails_at_once else script, config)


def with_script(
    draw: DrawFn, subject: Subject, script: Sequence[Saying], config: dict[str, Any], **ask: Any
) -> Situation:
    """One run that meets this script; what the config does not limit may take for ever."""
    signature = draw(asking.signatures(subject))
    limits = {"timeout": AGES, "request_timeout": AGES, **config}
    made = draw(asking.asks(signature, **ask))
    return Situation(signature=signature, asks=(made,), script=tuple(script), config=limits)
