"""An agent as a tool of another: what the two share, and what stays apart."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from decimal import Decimal

import pytest
from doubles import BILLED, Recorder, Scripted, answer
from hypothesis import given
from hypothesis import strategies as st
from tool_doubles import calling, fails, on_virtual_time, requested, shown, tool_said

from kaizen_eval.config import Price
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.errors import HandOffCycle, RunTimeout, ToolDefinitionError, ToolFailed, UsageError
from kaizen_eval.events import RunEnded, RunStarted
from kaizen_eval.memory import BufferMemory
from kaizen_eval.messages import ChatReply, Message, Usage
from kaizen_eval.recording.in_use import current_lane, lane
from kaizen_eval.signatures import InputField, OutputField, Signature
from kaizen_eval.strategies import AsyncSingleShotStrategy
from kaizen_eval.tools import Tool


class Task(Signature):
    """Do what is asked."""

    task: str = InputField()
    report: str = OutputField()


class Lookup(Signature):
    """Look up one fact.

    Say where it comes from.
    """

    topic: str = InputField(description="What to look up")
    since: dt.date | None = InputField(default=None)
    fact: str = OutputField()
    day: dt.date = OutputField()


PRICES = {"m": Price("1", "2")}
FACT = answer(fact="It is.", day="2025-01-31")
DONE = answer(report="done")
ASK = requested("lookup", topic="tea")


def agent(signature, *replies, seconds=0.0, tools=(), memory=None, agent_id=None, **config):
    provider = Scripted(*replies, seconds=seconds)
    settings = {"model": "m", "retries": 0, "prices": PRICES, **config}
    return BaseAgent(
        settings, signature=signature, provider=provider, tools=tools, memory=memory, agent_id=agent_id
    ), provider


def pair(*replies, child=(FACT,), seconds=0.0, memory=None, **config):
    """An agent with another as its tool `lookup`, and what the models of the two were asked."""
    inner, inner_provider = agent(Lookup, *child, seconds=seconds, memory=memory, agent_id="lookup")
    outer, outer_provider = agent(Task, *replies, tools=[inner.as_tool()], agent_id="boss", **config)
    return outer, outer_provider, inner_provider


def run(subject, session_id=None, **inputs):
    return on_virtual_time(subject.run_async(session_id, **(inputs or {"task": "Go"})))[0]


def test_the_inputs_of_the_agent_are_what_the_model_may_give_and_its_outputs_what_comes_back():
    outer, asked, inner_asked = pair(calling(requested("lookup", topic="tea", since="2024-05-01")), DONE)
    assert run(outer).outputs == {"report": "done"}
    assert shown(inner_asked) == [Message("user", "topic: tea\nsince: 2024-05-01")]
    assert shown(asked)[-1] == tool_said(ASK, '{"fact": "It is.", "day": "2025-01-31"}')


def test_the_model_is_told_of_the_agent_by_its_signature():
    inner, _ = agent(Lookup, FACT)
    made = inner.as_tool()
    assert (made.name, made.description) == ("lookup", "Look up one fact.\n\nSay where it comes from.")
    assert set(made.parameters["properties"]) == {"topic", "since"}
    assert made.parameters["properties"]["topic"]["description"] == "What to look up"


def agree(approval):
    return approval.tool == "finder"


def test_the_tool_of_an_agent_takes_the_settings_of_any_tool():
    settings = {"timeout": 3, "on_error": "raise", "idempotent": False, "max_result_chars": 9}
    made = agent(Lookup, FACT)[0].as_tool(
        "finder", description="Finds it.", requires_approval=True, approve=agree, **settings
    )
    assert {name: getattr(made, name) for name in settings} == settings
    assert (made.name, made.description, made.approve) == ("finder", "Finds it.", agree)


class ResearchAgent(BaseAgent):
    signature = Lookup


class HTTPFinder(BaseAgent):
    signature = Lookup


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        (BaseAgent(signature=Lookup, agent_id="finder"), "finder"),
        (ResearchAgent(agent_id="finder"), "finder"),
        (ResearchAgent(), "research_agent"),
        (HTTPFinder(), "http_finder"),
        (BaseAgent(signature=Lookup), "lookup"),
        (BaseAgent(), "agent"),
    ],
)
def test_a_tool_is_named_for_its_agent(subject, name):
    assert (subject.as_tool().name, subject.as_tool("other").name) == (name, "other")


def test_two_agents_of_one_name_are_told_apart_where_they_clash():
    first, second = (BaseAgent(signature=Lookup, agent_id=agent_id) for agent_id in ("first one", "second one"))
    with pytest.raises(ToolDefinitionError) as caught:
        BaseAgent(tools=[first.as_tool("lookup"), second.as_tool("lookup")])
    assert str(caught.value) == (
        "Two tools have the name 'lookup': first one.as_tool() and second one.as_tool(). Give one of them another: "
        "Tool(function, name=…), agent.as_tool(…), MCPServer(…, prefix=…)."
    )


def test_an_agent_id_that_no_tool_can_have_asks_for_a_name():
    with pytest.raises(ToolDefinitionError, match="name="):
        BaseAgent(signature=Lookup, agent_id="the finder").as_tool()


def test_an_agent_that_takes_any_inputs_takes_one_request_and_returns_its_text():
    inner, inner_asked = agent(None, ChatReply(text="Hello there", usage=BILLED), agent_id="talker")
    ask = requested("talker", request="Say hello")
    outer, asked = agent(Task, calling(ask), DONE, tools=[inner.as_tool()])
    run(outer)
    assert (shown(inner_asked), shown(asked)[-1]) == (
        [Message("user", "request: Say hello")],
        tool_said(ask, "Hello there"),
    )


def test_inputs_that_do_not_fit_go_back_to_the_model_before_the_agent_runs():
    wrong = requested("lookup", 2, topic="tea", since="yesterday")
    outer, asked, inner_asked = pair(calling(requested("lookup", 1, subject="tea")), calling(wrong), DONE)
    result = run(outer)
    assert (inner_asked.requests, [step.outcome for step in result.steps]) == (
        [],
        ["tool_calls", "error", "tool_calls", "error", "answer"],
    )
    sentence = (
        "lookup was not executed: its arguments do not fit: Lookup's input 'since' must be a date or None, not "
        "'yesterday' (str)."
    )
    assert shown(asked)[-1] == tool_said(wrong, json.dumps({"error": sentence}))


@pytest.mark.parametrize("arguments", [{}, {"subject": "tea"}, {"topic": 3}])
def test_inputs_that_do_not_fit_are_never_raised(arguments):
    inner, inner_asked = agent(Lookup, FACT, agent_id="lookup")
    ask = requested("lookup", **arguments)
    outer, _ = agent(Task, calling(ask), DONE, tools=[inner.as_tool(on_error="raise")])
    assert (run(outer)["report"], inner_asked.requests) == ("done", [])


def test_a_model_is_held_to_the_inputs_where_none_may_be_left_out():
    made = [agent(signature, DONE, agent_id="a")[0].as_tool() for signature in (Task, Lookup, None)]
    assert [tool.strict for tool in made] == [True, False, True]


def test_inputs_of_any_name_reach_the_agent():
    class Odd(Signature):
        self: str = InputField()
        run: str = InputField()
        report: str = OutputField()

    inner, inner_asked = agent(Odd, DONE, agent_id="odd")
    outer, _ = agent(Task, calling(requested("odd", self="me", run="fast")), DONE, tools=[inner.as_tool()])
    run(outer)
    assert shown(inner_asked) == [Message("user", "self: me\nrun: fast")]


def test_a_failure_of_the_agent_goes_back_to_the_model_in_one_sentence():
    outer, asked, _ = pair(calling(ASK), DONE, child=(ChatReply(text=None, refusal="Not me.", usage=BILLED),))
    run(outer)
    assert shown(asked)[-1] == tool_said(ASK, '{"error": "lookup failed: Refused: The model refused: Not me."}')


def test_a_failure_is_raised_where_the_tool_says_so():
    inner, _ = agent(Lookup, ChatReply(text=None, refusal="Not me.", usage=BILLED), agent_id="lookup")
    outer, _ = agent(Task, calling(ASK), DONE, tools=[inner.as_tool(on_error="raise")])
    error, _ = fails(outer.run_async(task="Go"))
    assert (type(error), error.tool, type(error.__cause__).__name__) == (ToolFailed, "lookup", "Refused")


# --- deadline ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (LookupError("no such book"), "lookup failed: ToolFailed: read failed: LookupError: no such book"),
        (ToolFailed("Ask the library."), "lookup failed: ToolFailed: Ask the library."),
    ],
)
def test_a_failure_of_a_tool_within_the_agent_is_told_as_the_agents(raised, told):
    async def read() -> str:
        raise raised

    inner, _ = agent(Lookup, calling(requested("read")), FACT, tools=[Tool(read, on_error="raise")], agent_id="lookup")
    outer, asked = agent(Task, calling(ASK), DONE, tools=[inner.as_tool()])
    run(outer)
    assert json.loads(shown(asked)[-1].content) == {"error": told}


def test_the_callers_deadline_ends_the_agent_too():
    outer, asked, inner_asked = pair(calling(ASK), DONE, seconds=100, timeout=10)
    error, elapsed = fails(outer.run_async(task="Go"))
    assert (type(error), elapsed, inner_asked.cancelled, len(asked.requests)) == (RunTimeout, 10.0, 1, 1)
    assert str(error) == "The run did not finish within its timeout of 10 s."


def test_an_agent_that_is_late_by_its_own_timeout_is_an_error_that_the_model_is_told():
    inner, _ = agent(Lookup, FACT, seconds=5, timeout=2, agent_id="lookup")
    outer, asked = agent(Task, calling(ASK), DONE, tools=[inner.as_tool()])
    result = run(outer)
    assert (result["report"], result["_timing"]) == ("done", 2000.0)
    assert "RunTimeout" in shown(asked)[-1].content


def test_a_tools_timeout_cuts_its_agent_off():
    inner, inner_asked = agent(Lookup, FACT, seconds=5, agent_id="lookup")
    outer, _ = agent(Task, calling(ASK), DONE, tools=[inner.as_tool(timeout=1)])
    result = run(outer)
    assert (result["_timing"], inner_asked.cancelled) == (1000.0, 1)


# --- events -----------------------------------------------------------------------------------------------------------


def test_the_agents_run_is_a_child_of_the_run_that_called_it():
    recorder = Recorder()
    inner, _ = agent(Lookup, FACT, agent_id="lookup", observer=recorder)
    outer, _ = agent(Task, calling(ASK), DONE, tools=[inner.as_tool()], agent_id="boss", observer=recorder)
    run(outer)
    started = {event.agent_id: event for event in recorder.events if isinstance(event, RunStarted)}
    ended = [event.agent_id for event in recorder.events if isinstance(event, RunEnded)]
    assert started["lookup"].parent_run_id == started["boss"].run_id
    assert (started["boss"].parent_run_id, ended) == (None, ["lookup", "boss"])


def test_requests_name_their_own_agent_and_the_callers_session():
    outer, asked, inner_asked = pair(calling(ASK), DONE)
    run(outer, session_id="s")
    assert [(r.agent_id, r.session_id) for r in (*asked.requests, *inner_asked.requests)] == [
        ("boss", "s"),
        ("boss", "s"),
        ("lookup", "s"),
    ]


# --- memory -----------------------------------------------------------------------------------------------------------


def test_each_agent_remembers_its_own_part_of_the_session():
    memory = BufferMemory()
    outer, asked, inner_asked = pair(
        calling(ASK), DONE, calling(requested("lookup", 2, topic="milk")), DONE, memory=memory, max_turns=5
    )
    for _ in range(2):
        run(outer, session_id="s")
    assert shown(inner_asked) == [
        Message("user", "topic: tea\nsince: null"),
        Message("assistant", '{"fact": "It is.", "day": "2025-01-31"}'),
        Message("user", "topic: milk\nsince: null"),
    ]
    assert [message.role for message in shown(asked)] == [
        *("user", "assistant", "tool", "assistant"),
        *("user", "assistant", "tool"),
    ]


def test_without_a_session_the_agent_remembers_nothing():
    memory = BufferMemory()
    outer, _, _ = pair(calling(ASK), DONE, memory=memory)
    run(outer)
    assert len(memory) == 0


def test_two_calls_of_one_agent_in_a_session_take_turns():
    memory = BufferMemory()
    two = calling(requested("lookup", 1, topic="tea"), requested("lookup", 2, topic="milk"))
    outer, _, inner_asked = pair(two, DONE, seconds=2, memory=memory)
    result = run(outer, session_id="s")
    assert (result["_timing"], [len(shown(inner_asked, n)) for n in range(2)]) == (4000.0, [1, 3])


def test_without_memory_two_calls_of_one_agent_run_side_by_side():
    two = calling(requested("lookup", 1, topic="tea"), requested("lookup", 2, topic="milk"))
    outer, _, _ = pair(two, DONE, seconds=2)
    assert run(outer, session_id="s")["_timing"] == 2000.0


def test_an_agent_that_shares_its_callers_memory_is_told_to_have_its_own():
    memory = BufferMemory()
    inner, _ = agent(Lookup, FACT, memory=memory, agent_id="lookup")
    outer, _ = agent(Task, calling(ASK), DONE, tools=[inner.as_tool()], memory=memory, agent_id="boss")
    error, _ = fails(outer.run_async("s", task="Go"))
    assert type(error) is UsageError
    assert str(error) == (
        "lookup is a tool of boss and shares its memory: it would wait for ever for session 's', which boss holds. "
        "Give each of the two a memory of its own."
    )


# --- cycles -----------------------------------------------------------------------------------------------------------


def circle(*names):
    """Agents of these names, each with the next one as its tool, and the last one with the first."""
    tools = {name: [] for name in names}

    class Knows:
        def __init__(self, name):
            self.name = name

        async def tools(self, run):
            return tools[self.name]

    after = dict(zip(names, [*names[1:], names[0]], strict=True))
    made = [
        agent(Task, calling(requested(after[name], task="Go")), DONE, tools=[Knows(name)], agent_id=name)[0]
        for name in names
    ]
    for position, name in enumerate(names):
        tools[name].append(made[(position + 1) % len(made)].as_tool())
    return made


@pytest.mark.parametrize("names", [("a",), ("a", "b"), ("a", "b", "c")])
def test_a_circle_of_hand_offs_is_caught_and_named(names):
    error, _ = fails(circle(*names)[0].run_async(task="Go"))
    assert (type(error), error.path) == (HandOffCycle, (*names, names[0]))
    assert str(error).startswith(f"The agents hand a question round in a circle: {' → '.join([*names, names[0]])}.")


def asks_itself(depth, **tool):
    """An agent with a function that runs it, as deep as that, and its provider."""

    def again() -> str:
        """Ask once more."""
        return subject.run(task="Go")["report"]

    replies = [calling(requested("again"))] * (depth - 1)
    subject, provider = agent(Task, *replies, DONE, tools=[Tool(again, **tool)], agent_id="a")
    return subject, provider


@pytest.mark.parametrize("on_error", ["tell", "raise"])
def test_a_circle_by_way_of_a_function_is_caught_after_some_rounds(on_error):
    subject, provider = asks_itself(1_000, on_error=on_error)
    error, _ = fails(subject.run_async(task="Go"))
    assert (type(error), error.path, len(provider.requests)) == (HandOffCycle, ("a",) * 11, 10)
    assert str(error).startswith("The agents hand a question round in a circle: a → a. a would begin inside of 10 runs")


def test_the_circle_alone_is_named_by_the_message():
    asking = BaseAgent(signature=Task, provider=Scripted(DONE), agent_id="asking")

    class Asks(AsyncSingleShotStrategy):
        def __init__(self, other):
            self.other = other

        async def execute(self, signature, inputs, config):
            return await self.other.run_async(**inputs)

    back = BaseAgent(signature=Task, strategy=Asks(asking), agent_id="back")
    asking.strategy = Asks(back)
    first = BaseAgent(signature=Task, strategy=Asks(asking), agent_id="first")
    error, _ = fails(first.run_async(task="Go"))
    assert str(error).startswith("The agents hand a question round in a circle: asking → back → asking. asking would")


def test_an_agent_may_ask_itself_for_a_part_of_its_task():
    subject, provider = asks_itself(10)
    assert (run(subject)["report"], len(provider.requests)) == ("done", 19)


def test_the_same_agent_may_be_called_by_two_that_do_not_call_each_other():
    shared, _ = agent(Task, DONE, agent_id="shared")
    use = calling(requested("shared", task="Go"))
    left, _ = agent(Task, use, DONE, tools=[shared.as_tool()], agent_id="left")
    right, _ = agent(Task, use, DONE, tools=[shared.as_tool()], agent_id="right")
    both = calling(requested("left", task="Go"), requested("right", task="Go"))
    boss, _ = agent(Task, both, DONE, tools=[left.as_tool(), right.as_tool()], agent_id="boss")
    assert run(boss)["report"] == "done"


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_a_result_tells_what_its_own_calls_cost_and_in_total_what_all_did():
    outer, _, _ = pair(calling(ASK), DONE, child=(answer(Usage(100, 10), fact="It is.", day="2025-01-31"),))
    result = run(outer)
    assert (result["_tokens"]["total"], result["_attempts"], result.metrics.cost) == (30, 2, Decimal("0.00004"))
    assert (result.total.usage, result.total.attempts, result.total.cost) == (
        Usage(120, 20),
        3,
        Decimal("0.00016"),
    )


def test_the_total_counts_agents_of_agents_and_those_that_failed():
    innermost, _ = agent(Task, ChatReply(text=None, refusal="No.", usage=BILLED), agent_id="c")
    middle, _ = agent(Task, calling(requested("c", task="Go")), DONE, tools=[innermost.as_tool()], agent_id="b")
    outer, _ = agent(Task, calling(requested("b", task="Go")), DONE, tools=[middle.as_tool()], agent_id="a")
    assert run(outer).total.usage == Usage(50, 25)


def test_a_run_alone_has_spent_its_total_itself():
    subject, _ = agent(Task, DONE)
    result = run(subject)
    assert result.total == result.metrics


def test_a_total_with_an_unknown_price_is_unknown():
    inner, _ = agent(Lookup, FACT, agent_id="lookup", prices={}, model="nobody-knows")
    outer, _ = agent(Task, calling(ASK), DONE, tools=[inner.as_tool()])
    result = run(outer)
    assert (result.metrics.cost, result.total.cost) == (Decimal("0.00004"), None)


@given(st.recursive(st.just(()), lambda inner: st.lists(inner, min_size=1, max_size=3).map(tuple), max_leaves=6))
def test_the_total_is_always_what_all_agents_together_were_billed(tree):
    providers = []

    def grown(shape, name):
        children = [grown(child, f"{name}{number}").as_tool() for number, child in enumerate(shape)]
        calls = [requested(tool.name, task="Go") for tool in children]
        replies = [calling(*calls), DONE] if calls else [DONE]
        made, provider = agent(Task, *replies, tools=children, agent_id=name)
        providers.append(provider)
        return made

    result = run(grown(tree, "a"))
    billed = sum(len(provider.requests) for provider in providers)
    assert result.total.usage == Usage(BILLED.prompt * billed, BILLED.completion * billed)


# --- by itself --------------------------------------------------------------------------------------------------------


def test_a_tool_of_an_agent_can_be_called_by_hand():
    inner, _ = agent(Lookup, FACT)
    outcome, _ = on_virtual_time(inner.as_tool()(topic="tea"))
    assert outcome == {"fact": "It is.", "day": "2025-01-31"}


def test_a_function_that_runs_an_agent_in_its_thread_is_part_of_the_run():
    recorder = Recorder()
    inner, _ = agent(Lookup, FACT, agent_id="lookup", observer=recorder)

    def look(topic: str) -> str:
        """Look something up."""
        return inner.run(topic=topic)["fact"]

    outer, _ = agent(Task, calling(requested("look", topic="tea")), DONE, tools=[look], agent_id="boss")
    result = run(outer)
    assert (result.total.attempts, result.steps[1].result) == (3, "It is.")
    assert recorder.events[0].parent_run_id is not None


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (lambda result: result, '{"report": "done"}'),
        (lambda result: [result, (result,)], '[{"report": "done"}, [{"report": "done"}]]'),
        (lambda result: {"of": result}, '{"of": {"report": "done"}}'),
    ],
)
def test_of_a_result_that_a_function_returns_the_model_is_told_the_outputs_alone(shape, told):
    helper, _ = agent(Task, DONE)

    async def ask_helper() -> object:
        """Ask the helper."""
        return shape(await helper.run_async(task="Help"))

    boss, asked = agent(Task, calling(requested("ask_helper")), DONE, tools=[ask_helper])
    run(boss)
    assert shown(asked)[-1].content == told


def test_agents_in_two_runs_at_once_do_not_meet():
    outer, _, _ = pair(calling(ASK), calling(ASK), DONE, DONE, seconds=1)

    async def both():
        return await asyncio.gather(outer.run_async("s", task="Go"), outer.run_async("t", task="Go"))

    results, _ = on_virtual_time(both())
    assert [result.total.attempts for result in results] == [3, 3]


def test_what_is_asked_inside_a_run_is_recorded_in_its_lane():
    class Lanes(Scripted):
        def __init__(self, *replies):
            super().__init__(*replies)
            self.lanes = []

        async def complete(self, request):
            self.lanes.append(current_lane())
            return await super().complete(request)

    provider = Lanes(FACT)
    inner = BaseAgent(signature=Lookup, provider=provider, agent_id="lookup")

    def look(topic: str) -> str:
        """Look something up in a thread."""
        return inner.run(topic=topic)["fact"]

    both = calling(ASK, requested("look", topic="milk"))
    outer, _ = agent(Task, both, DONE, tools=[inner.as_tool(), look])

    async def in_a_lane():
        with lane("trial-1"):
            return await outer.run_async(task="Go")

    on_virtual_time(in_a_lane())
    assert provider.lanes == ["trial-1", "trial-1"]


class Counts(Signature):
    words: dict[str, int] = InputField()
    total: int = OutputField()


def test_inputs_that_strict_mode_cannot_express_are_told_as_they_are():
    told = BaseAgent(signature=Counts, provider=Scripted()).as_tool()
    assert (told.strict, told.parameters["properties"]["words"]["additionalProperties"]) == (False, {"type": "integer"})
