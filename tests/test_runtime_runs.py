"""A workflow as a run: its events, its figures, and what agents inside of it inherit."""

from __future__ import annotations

import asyncio
import logging

import pytest
from doubles import BILLED, Recorder, Scripted, answer

from kaizen_eval import BaseAgent, FakeLLM, InputField, OutputField, Signature, run_context, tool, virtual_time
from kaizen_eval.errors import NodeFailed
from kaizen_eval.events import NodeEnded, NodeRetried, NodeStarted, RunEnded, RunStarted
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.strategies.base import Strategy
from kaizen_eval.witnesses import witnessed_by
from kaizen_eval.workflow import WorkflowBuilder


class Shout(Signature):
    """Say it louder."""

    word: str = InputField()
    loud: str = OutputField()


def shouting(**settings):
    return BaseAgent(signature=Shout, provider=Scripted(answer(loud="TEA")), **settings)


def told(recorder):
    """Each event with what it is about."""
    about = {RunStarted: "agent_id", RunEnded: "agent_id"}
    return [(type(event).__name__, getattr(event, about.get(type(event), "node"))) for event in recorder.events]


# --- events -----------------------------------------------------------------------------------------------------------


def test_an_observer_is_told_of_the_run_and_of_its_nodes():
    async def one():
        return 1

    inner = WorkflowBuilder("small").add_node(one, "b").build()
    flow = WorkflowBuilder("mail").add_node(one, "a").add_subworkflow("in", inner).connect("a", "in", {})
    flow.add_node(one, "c").connect("in", "c", {}, when=lambda result: result > 1)
    recorder = Recorder()
    LocalRuntime(observer=recorder).execute(flow.build())
    assert told(recorder) == [
        ("RunStarted", "mail"),
        ("NodeStarted", "a"),
        ("NodeEnded", "a"),
        ("NodeStarted", "in"),
        ("NodeStarted", "in/b"),
        ("NodeEnded", "in/b"),
        ("NodeEnded", "in"),
        ("NodeSkipped", "c"),
        ("RunEnded", "mail"),
    ]


def test_events_tell_of_times_failures_and_further_tries():
    tries = []

    async def flaky():
        tries.append(1)
        await asyncio.sleep(2)
        if len(tries) == 1:
            raise ValueError
        raise KeyError

    recorder = Recorder()
    flow = WorkflowBuilder().add_node(flaky, "a", retry={"attempts": 2, "base": 5, "jitter": "none"}).build()
    with virtual_time(), pytest.raises(NodeFailed) as failed:
        LocalRuntime(observer=recorder).execute(flow)
    where = {"run_id": failed.value.run_id, "agent_id": "workflow", "session_id": None}
    started, *node, ended = recorder.events
    assert node == [
        NodeStarted(**where, at=1000.0, node="a"),
        NodeRetried(**where, at=1002.0, node="a", item=None, attempt=1, seconds=5.0, error="ValueError"),
        NodeEnded(**where, at=1009.0, node="a", ms=9000.0, error="KeyError"),
    ]
    assert (started.parent_run_id, ended.ms, ended.error, ended.attempts) == (None, 9000.0, "NodeFailed", 0)


def test_the_log_tells_of_nodes(caplog):
    caplog.set_level(logging.DEBUG, logger="kaizen_eval")

    async def one():
        return 1

    flow = WorkflowBuilder().add_node(one, "a").add_node(one, "b").connect("a", "b", {}, when=lambda _: False)
    with virtual_time():
        LocalRuntime().execute(flow.build())
    found = [(record.levelname, record.message) for record in caplog.records if "node" in record.kaizen]
    assert found == [
        ("DEBUG", "node a started"),
        ("DEBUG", "node a ended after 0 ms"),
        ("DEBUG", f"node b is skipped: {caplog.records[-2].kaizen['why']}"),
    ]
    assert caplog.records[-1].levelname == "INFO"


def test_runs_inside_are_children_of_the_workflow_and_a_witness_is_told_of_both():
    recorder = Recorder()
    flow = WorkflowBuilder("mail").add_node(shouting(agent_id="shout"), "a", {"word": "tea"}).build()
    with witnessed_by(recorder):
        _, run_id = LocalRuntime().execute(flow)
    started = [event for event in recorder.events if isinstance(event, RunStarted)]
    assert [(event.agent_id, event.parent_run_id) for event in started] == [("mail", None), ("shout", run_id)]


def test_a_workflow_within_a_run_is_its_child():
    class Working(Strategy):
        async def execute(self, signature, inputs, config):
            await LocalRuntime().execute_async(WorkflowBuilder("mail").build())
            return {"loud": "TEA"}

    recorder = Recorder()
    with witnessed_by(recorder):
        BaseAgent(signature=Shout, strategy=Working(), agent_id="outer").run(word="tea")
    outer, mail = [event for event in recorder.events if isinstance(event, RunStarted)]
    assert (outer.agent_id, mail.agent_id, mail.parent_run_id) == ("outer", "mail", outer.run_id)


# --- figures ----------------------------------------------------------------------------------------------------------


def test_what_all_agents_took_is_added_up():
    agent = shouting()

    async def asking(word):
        return await agent.run_async(word=word)

    inner = WorkflowBuilder().add_node(agent, "x", {"word": "a"}).build()
    flow = WorkflowBuilder().add_node(agent, "a", {"word": "{{item}}"}, each="{{inputs.words}}")
    flow.add_subworkflow("in", inner).add_node(asking, "f", {"word": "b"})
    results, _ = LocalRuntime().execute(flow.build(), {"words": ["a", "b"]})
    assert (results.metrics.attempts, results.metrics.usage) == (4, BILLED + BILLED + BILLED + BILLED)


def test_a_failed_execution_tells_what_it_took():
    def broken(word):
        raise ValueError(word)

    flow = WorkflowBuilder().add_node(shouting(), "a", {"word": "tea"}).add_node(broken, "b", {"word": "{{a.loud}}"})
    with pytest.raises(NodeFailed) as failed:
        LocalRuntime().execute(flow.build())
    assert failed.value.results.metrics.attempts == 1


# --- what is inherited ------------------------------------------------------------------------------------------------


class Looking(Strategy):
    """Notes what is around it."""

    def __init__(self):
        self.seen = []

    async def execute(self, signature, inputs, config):
        own = run_context.of(config.owner)
        self.seen.append((own.agent_id, own.session_id, own.parent.agent_id, own.parent.session_id, own.history))
        return {"loud": "TEA"}


def test_agents_inherit_neither_session_nor_history():
    inside = Looking()
    inner = BaseAgent(signature=Shout, strategy=inside, agent_id="inner")
    workflow = WorkflowBuilder("mail").add_node(inner, "a", {"word": "tea"}).build()

    @tool
    async def execute() -> str:
        """Execute it."""
        return str((await LocalRuntime().execute_async(workflow)).results["a"].outputs)

    class Calling(Strategy):
        async def execute(self, signature, inputs, config):
            return {"loud": await execute.function()}

    outer = BaseAgent({"max_turns": 5}, signature=Shout, strategy=Calling(), agent_id="outer")
    for _ in range(2):
        outer.run(session_id="s", word="tea")
    assert inside.seen == [("inner", None, "mail", None, ())] * 2


def test_a_session_in_the_config_is_the_session_of_the_agent():
    inside = Looking()
    agent = BaseAgent({"max_turns": 5}, signature=Shout, strategy=inside, agent_id="inner")
    flow = WorkflowBuilder("mail").add_node(agent, "a", {"word": "tea", "session_id": "{{inputs.who}}"}).build()
    runtime = LocalRuntime()
    for who in ("ann", "bob", "ann"):
        runtime.execute(flow, {"who": who})
    assert [(session, len(history)) for _, session, _, _, history in inside.seen] == [
        ("ann", 0),
        ("bob", 0),
        ("ann", 1),
    ]


@pytest.mark.parametrize("session", [{}, {"session_id": "{{inputs.who}}"}])
def test_what_goes_from_node_to_node_is_no_leak_nor_is_a_session_in_several_executions(session):
    llm = FakeLLM().otherwise(lambda request: {"loud": request.messages[-1].content.upper()})
    first, second = (BaseAgent({"max_turns": 5}, signature=Shout, provider=llm) for _ in range(2))
    flow = WorkflowBuilder().add_node(first, "a", {"word": "tea for {{inputs.who}}", **session})
    workflow = flow.add_node(second, "b", {"word": "{{a.loud}}", **session}).build()
    for who in ("ann", "bob", "ann"):
        LocalRuntime().execute(workflow, {"who": who})
    llm.assert_sessions_isolated()


def test_no_run_is_left_when_it_has_ended():
    LocalRuntime().execute(WorkflowBuilder().add_node(shouting(), "a", {"word": "tea"}).build())
    assert (run_context.active(), dict(run_context._under_way)) == (None, {})
