"""Laws of how often tools are executed, and with what."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.conformance.given_tool import GivenTool
from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law, law
from kaizen_eval.conformance.laws.tools.asked import SOURCE, TRANSIENT, calling, calls_no_tools, dialogues, written
from kaizen_eval.conformance.laws.tools.dialogue import asked, counted, executed, shown
from kaizen_eval.conformance.observation import Observation
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import require
from kaizen_eval.fake import Reply
from kaizen_eval.messages import ToolCall

__all__ = ["LAWS"]


def _tools(*first: GivenTool) -> SearchStrategy[tuple[GivenTool, ...]]:
    """One of these, or it and another one."""
    other = GivenTool(name="count")
    return st.sampled_from([*((tool,) for tool in first), *((tool, other) for tool in first)])


@st.composite
def _repeating(draw: st.DrawFn) -> Reply:
    """Calls of which one stands twice, or some have one id; ids may come again in other replies."""
    ids, texts = st.sampled_from(["call-1", "call-2"]), st.sampled_from(["a", "b"])
    calls = draw(st.lists(st.builds(ToolCall, ids, st.just("look_up"), texts.map(written)), min_size=1, max_size=3))
    return calling(*calls, *draw(st.sampled_from([calls[:1], []])))


def _once(subject: Subject) -> SearchStrategy[Situation]:
    given = _tools(GivenTool(), GivenTool(idempotent=False), GivenTool(seconds=1.5))
    return dialogues(subject, given) | dialogues(subject, given, sayings=_repeating(), most_steps=2)


@law(
    "tools.once",
    "Each call of a tool is executed exactly once, also where a reply states it twice.",
    source=f"{SOURCE}: Once",
    situations=_once,
    objection=calls_no_tools,
)
def _once_law(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    _never_more_often(seen)
    done = executed(seen)
    believed = [each for each in asked(seen) if each.told is not None and not _says_no(each.told)]
    for execution, times in counted(believed).items():
        require(
            done[execution] == times,
            f"{shown(execution)} was executed {_times(done[execution])}; the model called it {_times(times)}, and was "
            "told no error.",
            seen,
        )


def _says_no(words: str) -> bool:
    return any(word in words.lower() for word in ("error", "not "))


def _unsure(subject: Subject) -> SearchStrategy[Situation]:
    given = _tools(GivenTool(), GivenTool(raises="The shelf is empty."), GivenTool(idempotent=False))
    return dialogues(subject, given, most_steps=2, faults=TRANSIENT)


@law(
    "tools.no-silent-retry",
    "What a tool does is never done again because the tool failed, or because the model's next reply failed to come.",
    source=f"{SOURCE}: The loop",
    situations=_unsure,
    objection=calls_no_tools,
)
def _no_silent_retry(lab: Lab, situation: Situation) -> None:
    _never_more_often(lab.play(situation))


def _never_more_often(seen: Observation) -> None:
    wanted = counted([*asked(seen)])
    for execution, times in executed(seen).items():
        require(
            times <= wanted[execution],
            f"{shown(execution)} was executed {_times(times)}; the model called it {_times(wanted[execution])}.",
            seen,
        )


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


_MISFITS = (
    "{}",
    '{"text": 5}',
    '{"text": "a", "number": "3"}',
    '{"text": "a", "number": 1.5}',
    '{"text": "a", "more": 1}',
    '{"text": null}',
    '{"text": "a", "text": "b"}',
    '["a"]',
    '{"text": "a',
)


@st.composite
def _misfitting(draw: st.DrawFn) -> Reply:
    """Calls whose arguments do not fit, and some whose do."""
    texts = draw(st.lists(st.sampled_from((*_MISFITS, written("b"))), min_size=1, max_size=3))
    mark = draw(st.integers(1, 99))
    return calling(*(ToolCall(f"call-{mark}-{place}", "look_up", text) for place, text in enumerate(texts)))


def _wrong(subject: Subject) -> SearchStrategy[Situation]:
    return dialogues(subject, st.just((GivenTool(),)), most_steps=2, sayings=_misfitting())


@law(
    "tools.arguments-fit",
    "Arguments that do not fit never reach the function, neither as they are nor made to fit.",
    source=f"{SOURCE}: Arguments",
    situations=_wrong,
    objection=calls_no_tools,
)
def _arguments_fit(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    wanted = counted([*asked(seen)])
    for execution, times in executed(seen).items():
        require(
            times <= wanted[execution],
            f"{shown(execution)} was executed {_times(times)}; arguments that fit asked for it "
            f"{_times(wanted[execution])}. It takes text, a str, and number, an int; the model wrote {_written(seen)}.",
            seen,
        )


def _written(seen: Observation) -> str:
    return ", ".join(call.arguments for exchange in seen.exchanges for call in exchange.tool_calls)


@law(
    "tools.approval",
    "A tool that needs somebody's approval is not executed without it, and the model is told why.",
    source=f"{SOURCE}: Approval",
    situations=lambda subject: dialogues(subject, _tools(GivenTool(refused="That is too dear.")), most_steps=2),
    objection=calls_no_tools,
)
def _approval(lab: Lab, situation: Situation) -> None:
    seen = lab.play(situation)
    refused = {tool.name for tool in situation.tools if tool.refused is not None}
    for each in seen.executed:
        require(each.tool not in refused, f"{each.tool} was executed although its approval was refused.", seen)
    for call in asked(seen):
        why = None if call.tool is None else call.tool.refused
        require(
            why is None or call.told is None or why in call.told or _says_no(call.told),
            f"The approval of {call.call.name} was refused: {why!r}. The model was told: {call.told!r}.",
            seen,
        )


LAWS: tuple[Law, ...] = (_once_law, _no_silent_retry, _arguments_fit, _approval)
