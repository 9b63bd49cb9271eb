"""The fixtures: production classes ask the fake, through either door, on virtual time."""

import pytest
from plugin_project import run

AGENTS = """
from dataclasses import dataclass
from kaizen_eval import BaseAgent, InputField, OutputField, Signature, Strategy, ToolLoopStrategy

class QA(Signature):
    question: str = InputField()
    answer: str = OutputField()

@dataclass
class Config:
    llm_provider: str = "openai"
    model: str = "gpt-4"
    tone: str = "dry"

class QAAgent(BaseAgent):
    def __init__(self, config):
        super().__init__(config=config, signature=QA())

    def ask(self, question):
        return self.run(question=question)["answer"]

class Loud(Strategy):
    async def execute(self, signature, inputs, config):
        return {"answer": (await self.llm_call(signature, inputs, config))["answer"].upper()}

class QuietAgent(QAAgent):
    def __init__(self, config):
        BaseAgent.__init__(self, config, signature=QA, strategy=Plain())

class Plain(Strategy):
    async def execute(self, signature, inputs, config):
        return await self.llm_call(signature, inputs, config)

class LoudLoop(ToolLoopStrategy):
    async def execute(self, signature, inputs, config):
        return {"answer": (await self.tool_loop(signature, inputs, config))["answer"].upper()}
"""

WITH_TOOLS = """
from agents import LoudLoop, Plain, QA, QAAgent
from kaizen_eval import ToolLoopStrategy

async def look(where: str) -> str:
    return f"nothing in {where}"

def test_tools(kaizen_agent, kaizen_llm):
    look_there = {"name": "look", "arguments": {"where": "Bonn"}}
    kaizen_llm.when(turn=1).reply(tool_calls=[look_there]).times(1)
    kaizen_llm.otherwise({"answer": "hush"})
    agent = kaizen_agent(signature=QA, tools=[look])
    assert agent.run(question="Why?")["answer"] == "ANSWER"
    assert kaizen_llm.requests[-1].messages[-1].content == "nothing in Bonn"

def test_strategies(kaizen_agent):
    own = ToolLoopStrategy(max_steps=2)
    made = [kaizen_agent(tools=[look]), kaizen_agent(), kaizen_agent(tools=[look], strategy=own)]
    assert [type(agent.strategy).__name__ for agent in made] == NAMES
    assert made[-1].strategy is own
"""

TESTS = """
import asyncio, sys
import pytest
from agents import Config, QA, QAAgent, QuietAgent
from kaizen_eval.fake import FakeLLM

@pytest.fixture
def door(kaizen_llm, request):
    from kaizen_eval import providers
    return providers._overrides[-1].name

def test_production_class(kaizen_llm):
    kaizen_llm.otherwise({"answer": "42"})
    assert QAAgent(Config()).ask("Why?") == "42"
    [request] = kaizen_llm.journal.requests
    assert request.model == "gpt-4"
    assert "Why?" in request.messages[-1].content

def test_what_is_loaded(kaizen_llm):
    QAAgent(Config()).ask("Why?")
    heavy = {"openai", "httptools", "kaizen_eval.fake.server", "kaizen_eval.pytest_plugin.served"}
    assert heavy & sys.modules.keys() == ({"openai"} if DOOR == "openai" else set())

def test_hour(kaizen_llm, kaizen_agent):
    kaizen_llm.fail("rate_limit", retry_after=3600).times(1)
    kaizen_llm.otherwise({"answer": "late"})
    assert kaizen_agent(QuietAgent, timeout=7200).ask("Why?") == "late"
    assert kaizen_llm.clock.elapsed == 3600

def test_clock_is_one(kaizen_llm, kaizen_clock):
    kaizen_clock.run(asyncio.sleep(60))
    assert kaizen_llm.clock.elapsed == kaizen_clock.elapsed == 60

def test_factory_config(kaizen_agent):
    agent = kaizen_agent(QAAgent, Config(tone="kind"), max_turns=3)
    assert (agent.config.model, agent.config.tone, agent.config.max_turns) == ("gpt-4", "kind", 3)

def test_factory_signature(kaizen_agent, kaizen_llm):
    kaizen_llm.otherwise({"answer": "42"})
    assert kaizen_agent(signature=QA).run(question="Why?")["answer"] == "42"

def test_factory_seed(kaizen_agent):
    assert (kaizen_agent().config.seed_jitter, kaizen_agent(seed_jitter=3).config.seed_jitter) == (SEED, 3)

def test_factory_no_agent(kaizen_agent):
    kaizen_agent(QA)

def test_generated(kaizen_llm, record_property):
    record_property("answer", QAAgent(Config()).ask("Why?"))

def test_strategy(kaizen_agent, kaizen_llm):
    kaizen_llm.otherwise({"answer": "hush"})
    made = [kaizen_agent(QAAgent), kaizen_agent(QuietAgent), kaizen_agent(QAAgent).__class__(Config())]
    assert [agent.ask("Why?") for agent in made] == STRATEGY

@pytest.mark.asyncio
async def test_async(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=30).times(1)
    kaizen_llm.otherwise({"answer": "42"})
    assert (await QAAgent(Config()).run_async(question="Why?"))["answer"] == "42"
    assert kaizen_llm.clock.elapsed == 30

@pytest.mark.asyncio
async def test_sync_run_in_async_test(kaizen_llm):
    kaizen_llm.fail("rate_limit", retry_after=30).times(1)
    kaizen_llm.otherwise({"answer": "42"})
    assert QAAgent(Config()).ask("Why?") == "42"
    assert kaizen_llm.clock.elapsed == 30

def test_door(door, kaizen_llm):
    assert isinstance(kaizen_llm, FakeLLM)
    assert door == DOOR
"""


def written(*, seed=0, strategy=("hush", "hush", "hush"), door="fake"):
    return TESTS.replace("SEED", str(seed)).replace("STRATEGY", str(list(strategy))).replace("DOOR", repr(door))


@pytest.fixture(scope="module")
def direct(tmp_path_factory):
    return run(tmp_path_factory.mktemp("direct"), written(), agents=AGENTS)


@pytest.fixture(scope="module")
def sdk(tmp_path_factory):
    given = ["--kaizen-llm=sdk", "--kaizen-strategy=agents:Loud", "--kaizen-seed=7"]
    wanted = written(seed=7, strategy=("HUSH", "hush", "hush"), door="openai")
    return run(tmp_path_factory.mktemp("sdk"), wanted, *given, agents=AGENTS)


@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_everything_holds_behind_either_door(door, request):
    ran = request.getfixturevalue(door)
    assert ran.outcomes() == dict.fromkeys(ran.reports, "passed") | {"test_factory_no_agent": "failed"}


@pytest.mark.parametrize(
    ("strategy", "answer", "names"),
    [
        ("LoudLoop", "HUSH", ["LoudLoop", "LoudLoop", "ToolLoopStrategy"]),
        ("Plain", "hush", ["ToolLoopStrategy", "Plain", "ToolLoopStrategy"]),
    ],
)
def test_an_agent_with_tools_keeps_a_strategy_that_offers_them(tmp_path, strategy, answer, names):
    wanted = WITH_TOOLS.replace("ANSWER", answer).replace("NAMES", str(names))
    ran = run(tmp_path, wanted, f"--kaizen-strategy=agents:{strategy}", agents=AGENTS)
    assert ran.outcomes() == {"test_tools": "passed", "test_strategies": "passed"}


def test_a_signature_in_the_agents_place_is_refused_with_the_right_way_to_say_it(direct):
    assert "takes a BaseAgent subclass first" in direct.text("test_factory_no_agent")
    assert "Write kaizen_agent(signature=QA)." in direct.text("test_factory_no_agent")


def test_the_seed_makes_the_generated_replies(direct, sdk):
    answers = {dict(ran.reports["test_generated"]["properties"])["answer"] for ran in (direct, sdk)}
    assert len(answers) == 2
