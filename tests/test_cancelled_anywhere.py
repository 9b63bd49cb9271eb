"""A run that is cancelled at any of its waits leaves nothing behind, and its figures are right."""

from __future__ import annotations

import asyncio
import types

import pytest
from doubles import Recorder

from kaizen_eval import run_context
from kaizen_eval.budgets import Budget
from kaizen_eval.core.base_agent import BaseAgent
from kaizen_eval.events import AttemptEnded, AttemptStarted, RunEnded, RunStarted, ToolEnded, ToolStarted
from kaizen_eval.fake import FakeLLM, Reply
from kaizen_eval.fake.mcp import FakeMCP
from kaizen_eval.memory import BufferMemory
from kaizen_eval.memory.session_lock import _queues
from kaizen_eval.messages import Usage
from kaizen_eval.resilience.clock import virtual_time
from kaizen_eval.tools import Tool
from kaizen_eval.tools.mcp import MCPServer


async def slow(n: int) -> int:
    await asyncio.sleep(n)
    return n


def quick(n: int) -> int:
    return n


class Scene:
    """An agent, and all that may be left of its run."""

    def __init__(self):
        self.heard = Recorder()
        self.budget = Budget(max_calls=100, per="process")
        self.memory = BufferMemory()
        self.fakes = []
        self.servers = []

    def agent(self, name, calls, tools, *, door="direct"):
        fake = FakeLLM(latency=0.5)
        asked = [{"name": tool, "arguments": arguments} for tool, arguments in calls.items()]
        fake.when().steps([Reply(tool_calls=asked), "done"])
        self.fakes.append(fake)
        return BaseAgent(
            {"model": "m", "observer": self.heard, "budget": self.budget},
            provider=fake.sdk() if door == "sdk" else fake,
            tools=tools,
            memory=self.memory if name == "boss" else None,
            agent_id=name,
        )

    def with_functions(self):
        return self.agent("boss", {"slow": {"n": 1}, "quick": {"n": 2}}, [slow, quick])

    def under_the_sdk(self):
        return self.agent("boss", {"slow": {"n": 1}, "quick": {"n": 2}}, [slow, quick], door="sdk")

    def with_agents(self):
        inner = self.agent("inner", {"slow": {"n": 2}, "quick": {"n": 2}}, [slow, quick])
        middle = self.agent("middle", {"inner": {}, "slow": {"n": 1}}, [ask(inner), slow])
        return self.agent("boss", {"middle": {}, "slow": {"n": 9}}, [ask(middle), slow])

    def with_a_server(self):
        self.servers.append(FakeMCP().tool("search", reply="found"))
        return self.agent("boss", {"search": {}}, [MCPServer(transport=self.servers[0].transport)])

    def left(self, tasks):
        """What should not be there."""
        tallies = [*self.budget.tallies.all()]
        queues = _queues.get(id(self.memory))
        return {
            "tasks": tasks,
            "runs": [run.agent_id for run in run_context._under_way.values()],
            "exchanges": [each.outcome for fake in self.fakes for each in fake.journal.exchanges if not each.ended_ns],
            "spending": [tally for tally in tallies if tally.is_in_use],
            "sessions": [] if queues is None else [*queues._waiting],
            "connections": [fake.clients for fake in self.servers if fake.clients],
            "untold": [kind.__name__ for kind, end in ENDS.items() if self.count(kind) != self.count(end)],
        }

    def count(self, kind):
        return sum(isinstance(event, kind) for event in self.heard.events)

    def billed(self):
        ended = [event.usage for event in self.heard.events if isinstance(event, AttemptEnded)]
        return sum((usage for usage in ended if usage is not None), Usage())


ENDS = {RunStarted: RunEnded, AttemptStarted: AttemptEnded, ToolStarted: ToolEnded}
NOTHING = {what: [] for what in ("tasks", "runs", "exchanges", "spending", "sessions", "connections", "untold")}


def ask(agent):
    """As a tool that runs the agent by itself."""

    async def answer() -> str:
        return (await agent.run_async(question="Go"))["response"]

    return Tool(answer, name=agent.agent_id)


@types.coroutine
def cancelled_at(coroutine, wait, *, late):
    """Drive it, and cancel the task at this wait: while it waits, or just as what it waits for has come."""
    task, waits, thrown = asyncio.current_task(), 0, None
    while True:
        try:
            future = coroutine.send(None) if thrown is None else coroutine.throw(thrown)
        except StopIteration as end:
            return end.value, waits
        thrown = None
        if waits == wait:
            if late and future is not None:
                future.add_done_callback(lambda _: task.cancel())
            else:
                asyncio.get_running_loop().call_soon(task.cancel)
        waits += 1
        try:
            yield future
        except BaseException as error:  # noqa: BLE001 - the coroutine gets it
            thrown = error


async def read(agent):
    async with agent.run_stream("s", question="Go") as stream:
        async for _ in stream:
            pass


def outcome(kind, wait, *, late, streams):
    """Whether it came so far, and what was left."""
    scene = Scene()

    async def main():
        agent = getattr(scene, kind)()

        async def work():
            await cancelled_at(read(agent) if streams else agent.run_async("s", question="Go"), wait, late=late)

        task = asyncio.ensure_future(work())
        await asyncio.wait([task])
        tasks = [str(each) for each in asyncio.all_tasks() - {asyncio.current_task()}]
        return task.cancelled() or task.result(), scene.left(tasks)

    with virtual_time() as clock:
        was_cancelled, left = clock.run(main())
    assert scene.budget.spent().calls == scene.count(AttemptStarted)
    assert scene.budget.spent().tokens == scene.billed().total
    return was_cancelled, left


@pytest.mark.parametrize("streams", [False, True], ids=["run", "stream"])
@pytest.mark.parametrize("late", [False, True], ids=["amid", "late"])
@pytest.mark.parametrize("kind", ["with_functions", "under_the_sdk", "with_agents", "with_a_server"])
def test_wherever_a_run_is_cancelled_it_leaves_nothing(kind, late, streams):
    wait, goes_on = 0, True
    while goes_on:
        goes_on, left = outcome(kind, wait, late=late, streams=streams)
        assert (wait, left) == (wait, NOTHING)
        wait += 1
    assert wait >= 4
