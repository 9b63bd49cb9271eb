"""The loop of a run with tools: call the model, execute what it calls, call it again, until it answers."""

from __future__ import annotations

import asyncio
import pickle

import pytest
from doubles import BILLED, Recorder, Scripted, answer
from hypothesis import given
from hypothesis import strategies as st
from tool_doubles import asked_for, calling, fails, on_virtual_time, requested, shown, tool_said

from kaizen_eval.config import Price
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import (
    ConfigError,
    OutputTruncated,
    ReplyDoesNotFit,
    RunTimeout,
    ToolDefinitionError,
    ToolFailed,
    UnexpectedToolCall,
    UsageError,
)
from kaizen_eval.memory import BufferMemory
from kaizen_eval.messages import ChatReply, Message
from kaizen_eval.metrics.steps import CallStep, ToolStep
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies.async_single_shot import AsyncSingleShotStrategy
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.strategies.tool_loop import ToolLoopStrategy
from kaizen_eval.tools import Tool


class QA(Signature):
    """Answer briefly."""

    question: str = InputField()
    answer: str = OutputField()


async def search(query: str) -> str:
    """Look something up."""
    return f"found {query}"


async def count(things: list[str]) -> dict[str, int]:
    """Count things."""
    return {"number": len(things)}


FIRST = requested("search", 1, query="a")
SECOND = requested("search", 2, query="b")
COUNT = requested("count", 1, things=["x", "y"])
ASKED = Message("user", "question: Why?")
DONE = answer(answer="42")


def agent(*replies, tools=(search, count), seconds=0.0, strategy=None, memory=None, **config):
    provider = Scripted(*replies, seconds=seconds)
    made = BaseAgent(
        {"model": "m", "retries": 0, "prices": {"m": Price("1", "2")}, **config},
        signature=QA,
        provider=provider,
        tools=tools,
        strategy=strategy,
        memory=memory,
        agent_id="a",
    )
    return made, provider


def run(subject, **inputs):
    return on_virtual_time(subject.run_async(**{"question": "Why?", **inputs}))[0]


def test_the_model_is_called_again_with_what_its_tools_returned_until_it_answers():
    subject, provider = agent(calling(FIRST, COUNT), calling(SECOND), DONE)
    assert run(subject).outputs == {"answer": "42"}
    assert [shown(provider, number) for number in range(3)] == [
        [ASKED],
        [ASKED, asked_for(FIRST, COUNT), tool_said(FIRST, "found a"), tool_said(COUNT, '{"number": 2}')],
        [
            ASKED,
            *(asked_for(FIRST, COUNT), tool_said(FIRST, "found a"), tool_said(COUNT, '{"number": 2}')),
            *(asked_for(SECOND), tool_said(SECOND, "found b")),
        ],
    ]


def test_each_request_offers_the_tools_and_is_otherwise_the_first_one_again():
    subject, provider = agent(calling(FIRST), DONE, temperature=0.5)
    run(subject)
    offered = tuple(tool.definition for tool in subject.tools)
    assert [(r.tools, r.output_schema, r.temperature) for r in provider.requests] == [
        (offered, QA.strict_output_schema(), 0.5)
    ] * 2


def test_a_model_that_needs_no_tool_is_called_once():
    subject, provider = agent(DONE)
    assert (run(subject)["answer"], len(provider.requests)) == ("42", 1)


def test_what_the_model_says_beside_its_calls_stays_in_the_dialogue():
    subject, provider = agent(calling(FIRST, text="Let me look."), DONE)
    run(subject)
    assert shown(provider)[1] == asked_for(FIRST, text="Let me look.")


def test_the_result_tells_each_step_in_order_with_its_time():
    async def wait(seconds: float) -> str:
        """Wait."""
        await asyncio.sleep(seconds)
        return "waited"

    slow, slower = requested("wait", 1, seconds=2), requested("wait", 2, seconds=3)
    subject, _ = agent(calling(slower, slow), DONE, tools=[wait], seconds=0.5)
    result = run(subject)
    assert result.steps == (
        CallStep(call=1, outcome="tool_calls", at=0.0, ms=500.0),
        ToolStep(
            call=1,
            id="wait-2",
            tool="wait",
            arguments={"seconds": 3},
            outcome="ok",
            result="waited",
            at=500.0,
            ms=3000.0,
        ),
        ToolStep(
            call=1,
            id="wait-1",
            tool="wait",
            arguments={"seconds": 2},
            outcome="ok",
            result="waited",
            at=500.0,
            ms=2000.0,
        ),
        CallStep(call=2, outcome="answer", at=3500.0, ms=500.0),
    )
    assert result["_steps"] == [step.as_dict() for step in result.steps]


def test_only_a_result_of_an_agent_with_tools_tells_of_steps():
    with_tools, without = run(agent(DONE)[0]), run(agent(DONE, tools=())[0])
    assert (set(with_tools) - set(without), without.steps) == ({"_steps"}, ())


def test_a_result_with_steps_can_be_pickled():
    result = run(agent(calling(FIRST), DONE)[0])
    again = pickle.loads(pickle.dumps(result))  # noqa: S301 - our own
    assert (again, again.steps, again.total) == (result, result.steps, result.total)


def test_an_answer_that_does_not_fit_is_asked_for_again_with_the_whole_dialogue():
    subject, provider = agent(calling(FIRST), ChatReply(text="no JSON", usage=BILLED), DONE)
    result = run(subject)
    assert shown(provider, 2) == shown(provider, 1) == [ASKED, asked_for(FIRST), tool_said(FIRST, "found a")]
    assert [step.outcome for step in result.steps] == ["tool_calls", "ok", "ReplyDoesNotFit", "answer"]


def test_each_answer_has_its_output_retries_whatever_was_needed_before():
    bad = ChatReply(text="no JSON", usage=BILLED)
    subject, provider = agent(bad, calling(FIRST), bad, bad)
    error, _ = fails(subject.run_async(question="Why?"))
    assert (type(error), len(provider.requests)) == (ReplyDoesNotFit, 4)


def test_a_model_may_call_tools_when_it_is_asked_again():
    subject, _ = agent(ChatReply(text="no JSON", usage=BILLED), calling(FIRST), DONE)
    assert run(subject)["answer"] == "42"


def test_calls_in_a_reply_that_was_cut_are_not_executed():
    cut = ChatReply(text=None, tool_calls=(FIRST,), finish_reason="length", usage=BILLED)
    executed = []
    subject, _ = agent(cut, tools=[Tool(executed.append, name="search", parameters={"type": "object"})])
    error, _ = fails(subject.run_async(question="Why?"))
    assert (type(error), executed) == (OutputTruncated, [])


def test_what_a_tool_fails_with_goes_back_to_the_model():
    def search(query: str) -> str:
        """Look something up."""
        raise OSError("no such index")

    subject, provider = agent(calling(FIRST), DONE, tools=[search])
    result = run(subject)
    assert shown(provider)[-1] == tool_said(FIRST, '{"error": "search failed: OSError: no such index"}')
    assert result["_steps"][1]["error"] == "search failed: OSError: no such index"


@pytest.mark.parametrize("place", ["config", "environment"])
def test_a_tools_error_is_told_without_the_agents_key(monkeypatch, place):
    def search(query: str) -> str:
        """Look something up."""
        raise OSError("our-own-key and all")

    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    if place == "environment":
        monkeypatch.setenv("OPENAI_API_KEY", "our-own-key")
    key = {"api_key": "our-own-key"} if place == "config" else {}
    subject, provider = agent(calling(FIRST), DONE, tools=[search], **key)
    run(subject)
    assert shown(provider)[-1] == tool_said(FIRST, '{"error": "search failed: OSError: [secret] and all"}')


def test_a_tool_whose_errors_are_raised_ends_the_run():
    def search(query: str) -> str:
        """Look something up."""
        raise OSError("no such index")

    subject, provider = agent(calling(FIRST), DONE, tools=[Tool(search, on_error="raise")])
    error, _ = fails(subject.run_async(question="Why?"))
    assert (type(error), error.tool, type(error.__cause__)) == (ToolFailed, "search", OSError)
    assert len(provider.requests) == 1


def test_the_deadline_covers_calls_and_tools():
    async def hang() -> None:
        """Never end."""
        await asyncio.Event().wait()

    subject, _ = agent(calling(requested("hang")), DONE, tools=[hang], seconds=1, timeout=10)
    error, elapsed = fails(subject.run_async(question="Why?"))
    assert (type(error), elapsed) == (RunTimeout, 10.0)
    assert error.__notes__ == ["Attempts: answered after 1 s. Then tools were executed: hang."]


def test_a_deadline_after_the_tools_does_not_speak_of_them():
    subject, _ = agent(calling(FIRST), DONE, seconds=6, timeout=10)
    error, _ = fails(subject.run_async(question="Why?"))
    assert error.__notes__ == ["Attempts: answered after 6 s, still unanswered after 4 s."]


# --- memory -----------------------------------------------------------------------------------------------------------


def test_a_turn_holds_the_calls_and_what_came_of_them_and_later_turns_repeat_them():
    subject, provider = agent(calling(FIRST), DONE, DONE, max_turns=5)
    run(subject, session_id="s")
    run(subject, question="And?", session_id="s")
    assert shown(provider) == [
        *(ASKED, asked_for(FIRST), tool_said(FIRST, "found a"), Message("assistant", '{"answer": "42"}')),
        Message("user", "question: And?"),
    ]


def test_what_did_not_fit_is_not_remembered():
    memory = BufferMemory()
    subject, _ = agent(calling(FIRST), ChatReply(text="no JSON", usage=BILLED), DONE, memory=memory)
    run(subject, session_id="s")
    ((turn,), _) = on_virtual_time(memory.load("s"))
    assert [message.role for message in turn.messages] == ["user", "assistant", "tool", "assistant"]


def test_a_run_that_fails_after_its_tools_leaves_nothing():
    memory = BufferMemory()
    subject, _ = agent(calling(FIRST), ChatReply(text=None, refusal="No.", usage=BILLED), memory=memory)
    fails(subject.run_async(session_id="s", question="Why?"))
    assert on_virtual_time(memory.load("s"))[0] == ()


# --- who has a loop ---------------------------------------------------------------------------------------------------


def test_an_agent_with_tools_loops_unless_it_chooses_otherwise():
    class Single(BaseAgent):
        strategy = AsyncSingleShotStrategy

    loop = ToolLoopStrategy(max_steps=3)
    made = [
        BaseAgent(tools=[search]),
        BaseAgent(),
        BaseAgent(tools=[search], strategy=loop),
        Single(tools=[search]),
        BaseAgent(strategy=ToolLoopStrategy),
    ]
    assert [type(one.strategy) for one in made] == [
        ToolLoopStrategy,
        AsyncSingleShotStrategy,
        ToolLoopStrategy,
        AsyncSingleShotStrategy,
        ToolLoopStrategy,
    ]
    assert made[2].strategy is loop


def test_tools_may_be_a_class_attribute_and_those_given_go_before_them():
    class Searching(BaseAgent):
        tools = (search,)

    assert [[tool.name for tool in made.tools] for made in (Searching(), Searching(tools=[count]), BaseAgent())] == [
        ["search"],
        ["count"],
        [],
    ]


def test_a_class_with_a_method_tools_is_no_source():
    with pytest.raises(ToolDefinitionError):
        BaseAgent(tools=[Changing])


def test_a_loop_without_tools_is_one_call():
    subject, provider = agent(DONE, tools=(), strategy=ToolLoopStrategy)
    assert (run(subject)["answer"], provider.requests[0].tools) == ("42", ())


def test_a_strategy_that_calls_the_model_by_itself_offers_no_tools():
    subject, provider = agent(calling(FIRST), strategy=AsyncSingleShotStrategy)
    error, _ = fails(subject.run_async(question="Why?"))
    assert (type(error), [request.tools for request in provider.requests]) == (UnexpectedToolCall, [(), ()])


def test_a_strategy_of_ones_own_may_call_the_model_before_and_after_the_loop():
    class Checked(ToolLoopStrategy):
        def preprocess(self, inputs):
            return {"question": inputs["question"].upper()}

        async def execute(self, signature, inputs, config):
            found = await self.tool_loop(signature, self.preprocess(inputs), config)
            return await self.llm_call(signature, {"question": f"Is it {found['answer']}?"}, config)

    subject, provider = agent(calling(FIRST), DONE, answer(answer="yes"), strategy=Checked)
    result = run(subject)
    assert (result.outputs, shown(provider, 0), shown(provider, 2)) == (
        {"answer": "yes"},
        [Message("user", "question: WHY?")],
        [Message("user", "question: Is it 42?")],
    )
    assert [step.outcome for step in result.steps] == ["tool_calls", "ok", "answer", "answer"]


def test_the_model_sees_the_preprocessed_input_and_the_caller_the_postprocessed_output():
    class Loud(ToolLoopStrategy):
        def preprocess(self, inputs):
            return {"question": inputs["question"].upper()}

        def postprocess(self, result):
            return {"answer": f"{result['answer']}!"}

    subject, provider = agent(calling(FIRST), DONE, strategy=Loud, max_turns=5)
    assert run(subject, session_id="s").outputs == {"answer": "42!"}
    assert [shown(provider, number)[0].content for number in range(2)] == ["question: WHY?"] * 2


def test_a_strategy_executed_by_itself_offers_the_agents_tools():
    subject, provider = agent(calling(FIRST), DONE)
    outputs, _ = on_virtual_time(subject.strategy.execute(QA, {"question": "Why?"}, subject.config))
    assert (outputs, shown(provider)[-1]) == ({"answer": "42"}, tool_said(FIRST, "found a"))


def test_the_tools_of_an_agent_are_not_those_of_an_agent_that_runs_inside():
    inner, inner_provider = agent(DONE, tools=())

    class Asks(Strategy):
        async def execute(self, signature, inputs, config):
            return await inner.run_async(**inputs)

    run(agent(DONE, strategy=Asks)[0])
    assert inner_provider.requests[0].tools == ()


class Changing:
    """A source whose tools are others at each call."""

    def __init__(self, *lists):
        self._lists = list(lists)
        self.runs = []

    async def tools(self, run):
        self.runs.append(run.agent_id)
        return self._lists.pop(0)


def test_a_source_is_asked_for_its_tools_before_each_call():
    source = Changing([Tool(count)], [])
    subject, provider = agent(calling(FIRST), DONE, tools=[search, source])
    run(subject)
    named = [[tool["function"]["name"] for tool in request.tools] for request in provider.requests]
    assert (named, source.runs) == ([["search", "count"], ["search"]], ["a", "a"])


def test_a_call_is_executed_by_what_was_offered_when_it_was_made():
    subject, provider = agent(calling(FIRST), DONE, tools=[Changing([Tool(search)], [])])
    run(subject)
    assert (shown(provider)[-1], provider.requests[-1].tools) == (tool_said(FIRST, "found a"), ())


def test_two_tools_of_one_name_are_refused_when_the_agent_is_made():
    with pytest.raises(ToolDefinitionError, match="search"):
        BaseAgent(tools=[search, Tool(count, name="search")])


def test_a_source_whose_tool_has_another_ones_name_fails_the_run():
    subject, provider = agent(DONE, tools=[search, Changing([Tool(count, name="search")])])
    error, _ = fails(subject.run_async(question="Why?"))
    assert (type(error), provider.requests) == (ToolDefinitionError, [])


@pytest.mark.parametrize("tools", ["search", {"search": search}, search, 3])
def test_tools_that_are_no_list_are_refused(tools):
    with pytest.raises(ConfigError, match="tools takes a list"):
        BaseAgent(tools=tools)


def test_an_agent_among_the_tools_is_told_how_to_be_one():
    with pytest.raises(ToolDefinitionError, match=r"as_tool\(\)"):
        BaseAgent(tools=[BaseAgent()])


@pytest.mark.parametrize("setting", [{"max_steps": 0}, {"max_repeats": 1}, {"parallel": 0}, {"at_most": 2.5}])
def test_a_loop_that_cannot_work_is_refused(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        ToolLoopStrategy(**setting)


# --- laws -------------------------------------------------------------------------------------------------------------

replies = st.lists(
    st.lists(st.sampled_from("ab"), min_size=1, max_size=3), max_size=5
)  # what each reply before the answer calls


@given(replies)
def test_every_call_is_always_followed_by_its_result_before_the_model_speaks_again(called):
    calls = [[requested("search", 10 * n + m, query=q) for m, q in enumerate(step)] for n, step in enumerate(called)]
    provider = Scripted(*(calling(*step) for step in calls), DONE)
    loop = ToolLoopStrategy(max_repeats=None)
    subject = BaseAgent({"model": "m"}, signature=QA, provider=provider, tools=[search], strategy=loop)
    result = run(subject)
    dialogue = [m for step in calls for m in (asked_for(*step), *(tool_said(c, f"found {_q(c)}") for c in step))]
    assert shown(provider) == [ASKED, *dialogue]
    assert [s.id for s in result.steps if isinstance(s, ToolStep)] == [call.id for step in calls for call in step]


def _q(call):
    return call.arguments.split('"')[3]


def test_events_tell_of_calls_and_tools_in_the_order_in_which_they_happen():
    recorder = Recorder()
    subject, _ = agent(calling(FIRST), DONE, observer=recorder)
    run(subject)
    assert recorder.names() == [
        "RunStarted",
        *("AttemptStarted", "AttemptEnded", "ToolStarted", "ToolEnded"),
        *("AttemptStarted", "AttemptEnded", "ReplyParsed", "RunEnded"),
    ]


def test_a_usage_error_inside_a_tool_is_the_callers_and_no_models():
    def search(query: str) -> str:
        """Look something up."""
        raise UsageError("wired wrongly")

    subject, provider = agent(calling(FIRST), DONE, tools=[search])
    error, _ = fails(subject.run_async(question="Why?"))
    assert (str(error), len(provider.requests)) == ("wired wrongly", 1)
