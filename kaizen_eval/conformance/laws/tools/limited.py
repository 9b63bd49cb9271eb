"""Laws of where tools end: after so many steps, and with the run."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from kaizen_eval.config import AgentConfig
from kaizen_eval.conformance.asking import Question, asks, signatures
from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.tools.asked import SOURCE, calls_no_tools, dialogues, step
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import NotApplicable, require

__all__ = ["LAWS"]

_UNSAID = 40
"""Steps that a strategy may take which does not say by a `max_steps` how many it allows."""
_MOST = 100
"""Steps that are tried at all."""


def _allowed(subject: Subject) -> int:
    """Steps."""
    said = getattr(
        subject.factory(AgentConfig(), signature=subject.signature or Question, tools=[]).strategy, "max_steps", None
    )
    return said if isinstance(said, int) else _UNSAID


@st.composite
def _endless(draw: DrawFn, subject: Subject) -> Situation:
    """A model that goes on calling tools for longer than it may."""
    signature = draw(signatures(subject))
    tools = (GivenTool(), GivenTool(name="count"))
    steps = min(_allowed(subject), _MOST) + draw(st.integers(1, 3))
    names = draw(st.lists(st.sampled_from(["look_up", "count"]), min_size=1, max_size=2))
    script = tuple(step(number, names) for number in range(1, steps + 1))
    return Situation(signature=signature, asks=(draw(asks(signature)),), script=script, tools=tools)


@law(
    "tools.step-cap",
    "A model that goes on calling tools is stopped: after max_steps steps, where the strategy has that.",
    source=f"{SOURCE}: The loop",
    situations=_endless,
    objection=calls_no_tools,
)
def _step_cap(lab: Lab, situation: Situation) -> None:
    allowed = _allowed(lab.subject)
    if allowed > _MOST:
        raise NotApplicable(f"It allows {allowed} steps; more than {_MOST} are not tried.")
    seen = lab.play(situation)
    for exchange in seen.exchanges:
        steps = sum(bool(message.tool_calls) for message in exchange.request.messages)
        require(steps <= allowed, f"A request holds {steps} steps of tool calls; {allowed} are allowed.", seen)
    if lab.traits.calls_per_run == 1:
        texts = {each.arguments["text"][:-1] for each in seen.executed if isinstance(each.arguments["text"], str)}
        require(
            len(texts) <= allowed,
            f"The calls of {len(texts)} steps were executed; {allowed} are allowed.",
            seen,
        )


@st.composite
def _cut_short(draw: DrawFn, subject: Subject) -> Situation:
    """A run whose tools take longer than it has, or just as long as they may."""
    tools = st.just((GivenTool(seconds=5.0), GivenTool(name="count")))
    situation = draw(dialogues(subject, tools, most_steps=2, cancel_after=draw(st.sampled_from([None, 1.0, 7.0]))))
    return replace(situation, config={"timeout": draw(st.sampled_from([60.0, 2.0, 8.0]))})


@law(
    "tools.end-with-the-run",
    "When a run ends, however it ends, none of its tools is still being executed, and none is begun afterwards.",
    source=f"{SOURCE}: Where it is executed",
    situations=_cut_short,
    objection=calls_no_tools,
)
def _end_with_the_run(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    require(not seen.leftovers, f"The run had ended, and these went on: {', '.join(seen.leftovers)}.", seen)
    (outcome,) = seen.outcomes
    for each in seen.executed:
        late = (each.at_ns - outcome.ended_ns) / 1e9
        require(late <= 0, f"{each.tool} was begun {late:g} s after the run had ended.", seen)


LAWS: tuple[Law, ...] = (_step_cap, _end_with_the_run)
