"""Situations in which much happens, for the laws of events."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.conformance.asking import asks, signatures
from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.laws.tools.asked import step
from kaizen_eval.conformance.situation import Ask, Saying, Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.fake import BadRequest, Empty, Generated, RateLimit, ServerError
from kaizen_eval.fake.timing.latency import Latency
from kaizen_eval.signatures import Signature

__all__ = ["happenings"]

_SAYINGS: tuple[Saying, ...] = (
    Generated(),
    RateLimit(),
    BadRequest(),
    Generated(latency=Latency(first=0.5, per_token=0.01)),
    ServerError(latency=1.5),
    Empty(),
)


def _asks(signature: type[Signature]) -> SearchStrategy[Ask]:
    """Some are read, some cancelled, some left."""
    ways: tuple[dict[str, Any], ...] = (
        {},
        {"session": "a"},
        {"stream": True},
        {"cancel_after": 0.3},
        {"stream": True, "leave_after": 2},
    )
    return st.sampled_from(ways).flatmap(lambda way: asks(signature, **way))


@st.composite
def happenings(draw: DrawFn, subject: Subject, *, sayings: tuple[Saying, ...] = _SAYINGS) -> Situation:
    """Several runs, of which some fail; where the subject calls tools, of an agent with tools, of which one fails."""
    signature = draw(signatures(subject))
    script = draw(st.lists(st.sampled_from(sayings), min_size=1, max_size=5))
    tools: tuple[GivenTool, ...] = ()
    if subject.traits.calls_tools and draw(st.booleans()):
        tools = (GivenTool(), GivenTool(name="count", raises="The shelf is empty.", seconds=0.5))
        script.insert(0, step(1, ["look_up", "count"]))
    return Situation(
        signature=signature,
        asks=tuple(draw(st.lists(_asks(signature), min_size=1, max_size=3))),
        script=tuple(script),
        together=draw(st.booleans()),
        tools=tools,
    )
