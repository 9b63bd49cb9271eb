"""Laws of what the model is told of the tools that it called."""

from __future__ import annotations

import json

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.tools.asked import SOURCE, calling, calls_no_tools, dialogues, written
from kaizen_eval.conformance.laws.tools.dialogue import asked, executed
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import require
from kaizen_eval.fake import Reply
from kaizen_eval.messages import ToolCall

__all__ = ["LAWS"]


def _plain(subject: Subject) -> SearchStrategy[Situation]:
    return dialogues(subject, st.sampled_from([(GivenTool(),), (GivenTool(), GivenTool(name="count"))]))


@law(
    "tools.offered",
    "A run of an agent with tools offers the model all of them, as they are declared.",
    source=f"{SOURCE}: What the model is told",
    situations=_plain,
    objection=calls_no_tools,
)
def _offered(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    wanted = [given.tool(lambda _: None).definition for given in situation.tools]
    offered = [definition for exchange in seen.exchanges for definition in exchange.request.tools]
    for definition in wanted if seen.exchanges else ():
        require(
            definition in offered,
            f"The tool {definition['function']['name']} was never offered as it is declared, in "
            f"{len(seen.exchanges)} requests.",
            seen,
        )


_WORDS = ("The shelf is empty.", "no route to Bonn", "429")


def _failing(subject: Subject) -> SearchStrategy[Situation]:
    failing = st.sampled_from(_WORDS).map(lambda words: GivenTool(raises=words))
    return dialogues(subject, st.tuples(failing) | st.tuples(failing, st.just(GivenTool(name="count"))))


@law(
    "tools.errors-reach-the-model",
    "What a tool raises is told to the model, in the tool's words.",
    source=f"{SOURCE}: Results and errors",
    situations=_failing,
    objection=calls_no_tools,
)
def _errors_reach_the_model(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    done = executed(seen)
    for each in asked(seen):
        error = each.tool.raises if each.tool is not None and each.execution in done else None
        require(
            error is None or each.told is None or error in each.told,
            f"{each.call.name} raised {error!r}, and the model was told: {each.told!r}.",
            seen,
        )


@st.composite
def _of_unknown(draw: st.DrawFn) -> Reply:
    names = draw(st.lists(st.sampled_from(["no_such_tool", "lookup", "look_up"]), min_size=1, max_size=3))
    mark = draw(st.integers(1, 99))
    return calling(*(ToolCall(f"call-{mark}-{place}", name, written(f"{mark}")) for place, name in enumerate(names)))


@law(
    "tools.unknown",
    "A call of a tool that there is not is told to the model as an error.",
    source=f"{SOURCE}: Bad input",
    situations=lambda subject: dialogues(subject, st.just((GivenTool(),)), most_steps=2, sayings=_of_unknown()),
    objection=calls_no_tools,
)
def _unknown(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for each in asked(seen):
        name = each.call.name
        require(
            each.tool is not None or each.told is None or name in each.told or "error" in each.told.lower(),
            f"There is no tool {name!r}, and the model was told: {each.told!r}.",
            seen,
        )


def _parallel(subject: Subject) -> SearchStrategy[Situation]:
    """The first may take longer than the second."""
    seconds = st.sampled_from([0.0, 3.0])
    tools = st.tuples(seconds.map(lambda s: GivenTool(seconds=s)), st.just(GivenTool(name="count", says="counted")))
    return dialogues(subject, tools)


@law(
    "tools.results-follow-calls",
    "Every tool call in a request is followed by its own result.",
    source=f"{SOURCE}: The loop",
    situations=_parallel,
    objection=calls_no_tools,
)
def _results_follow_calls(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    for exchange in seen.exchanges:
        require(exchange.refused is None, f"The service refused a request: {exchange.refused}.", seen)
    for each in asked(seen):
        if each.is_repeated and each.tool is not None and each.execution is not None:
            result = each.tool.result_of(json.loads(each.call.arguments)["text"])
            require(
                each.told is not None and (result in each.told or "error" in each.told.lower()),
                f"The call {each.call.name}({each.call.arguments}) returned {result!r}; what the model was told of it: "
                f"{each.told!r}.",
                seen,
            )


LAWS: tuple[Law, ...] = (_offered, _errors_reach_the_model, _unknown, _results_follow_calls)
