"""Agents that act, recorded and replayed: tools, streams that end in every way, agents side by side."""

from __future__ import annotations

from plugin_project import run

AGENTS = """
import itertools
import random

import anyio
import pytest
from kaizen_eval import BaseAgent, InputField, OutputField, Reply, Signature
from kaizen_eval.errors import ConnectionLost
from kaizen_eval.streamed import TextDelta

CONFIG = {"model": "gpt-4", "retry": {"attempts": 1}}

class Fact(Signature):
    topic: str = InputField()
    fact: str = OutputField()

def called(name, **arguments):
    return {"name": name, "arguments": arguments}

def words(items):
    return [item.text for item in items if isinstance(item, TextDelta)]

async def look(at: int) -> str:
    await anyio.sleep(random.random() / 100)
    return f"seen {at}"

def chance() -> float:
    return random.random()

def test_agents_side_by_side_that_are_asked_the_same(kaizen_llm):
    count = itertools.count()
    kaizen_llm.when(tool_result="seen").reply(lambda request: {"fact": request.messages[-1].content})
    kaizen_llm.when(user="topic").reply(
        lambda request: Reply(tool_calls=[called("look", at=next(count))], latency=random.random() / 100)
    )
    kaizen_llm.script([Reply(tool_calls=[called("reporter", topic="tea")] * 5), "done"])
    reporter = BaseAgent(CONFIG, signature=Fact, tools=[look], agent_id="reporter")
    result = BaseAgent(CONFIG, tools=[reporter.as_tool()]).run(question="?")
    found = [step.result["fact"] for step in result.steps if hasattr(step, "tool")]
    assert sorted(found) == [f"seen {at}" for at in range(5)]

@pytest.mark.kaizen_cassette(ignore=["messages[role=tool].content"])
def test_a_tool_that_gives_something_else_each_time(kaizen_llm):
    kaizen_llm.script([Reply(tool_calls=[called("chance")]), "done"])
    assert BaseAgent(CONFIG, tools=[chance]).run(question="?")["response"] == "done"

def test_chance(kaizen_llm):
    kaizen_llm.script([Reply(tool_calls=[called("chance")]), "done"])
    BaseAgent(CONFIG, tools=[chance]).run(question="?")

def test_a_stream_in_its_pieces(kaizen_llm):
    kaizen_llm.otherwise("one two three")
    assert words(BaseAgent(CONFIG).run_stream(question="?")) == ["one", " two", " three"]

def test_a_cut_stream_is_cut_again(kaizen_llm):
    kaizen_llm.fail("stream_cut", after=3)
    kaizen_llm.otherwise("never")
    with pytest.raises(ConnectionLost) as lost:
        list(BaseAgent(CONFIG).run_stream(question="?"))
    assert kaizen_llm.exchanges[0].text == lost.value.received != ""

def test_a_reader_who_leaves(kaizen_llm):
    kaizen_llm.otherwise("one two three")
    with BaseAgent(CONFIG).run_stream(question="?") as stream:
        assert next(iter(stream)).text == "one"
    assert [(exchange.outcome, exchange.text) for exchange in kaizen_llm.exchanges] == [("cancelled", "one")]

def test_read_whole(kaizen_llm):
    kaizen_llm.otherwise("one two three")
    list(BaseAgent(CONFIG).RUN(question="?"))

def test_read_as_it_comes(kaizen_llm):
    kaizen_llm.otherwise("one two three")
    list(BaseAgent(CONFIG).STREAM(question="?"))
"""


def in_mode(folder, mode, *args, whole="run", streamed="run_stream"):
    return run(folder, AGENTS.replace("RUN", whole).replace("STREAM", streamed), "--kaizen-llm", mode, *args)


def test_agents_that_act_replay_as_they_were_recorded(tmp_path):
    record = in_mode(tmp_path, "record")
    assert set(record.outcomes().values()) == {"passed"}, record
    replay = in_mode(tmp_path, "replay")
    assert replay.outcomes() == record.outcomes() | {"test_chance": "failed"}, replay
    assert "set ignore=['messages[role=tool].content'] for this cassette." in replay.text("test_chance")


def test_run_does_not_find_what_run_stream_recorded_nor_the_reverse(tmp_path):
    in_mode(tmp_path, "record", "-k", "test_read_")
    replay = in_mode(tmp_path, "replay", "-k", "test_read_", whole="run_stream", streamed="run")
    said = "run and run_stream are recorded each for itself."
    assert f"answered as a stream, and is asked for whole: {said}" in replay.text("test_read_as_it_comes")
    assert f"answered whole, and is asked for as a stream: {said}" in replay.text("test_read_whole")
