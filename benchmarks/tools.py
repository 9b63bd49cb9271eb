"""What tools and budgets cost, beside a run that has none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from measure import Row, cpu_of_contenders

from kaizen_eval import BaseAgent, Budget, FakeLLM, InputField, OutputField, Reply, Signature, run_context
from kaizen_eval.clients import Clients
from kaizen_eval.messages import ToolCall
from kaizen_eval.resilience.deadline import Deadline
from kaizen_eval.tools.toolbox import Toolbox

__all__ = ["rows"]


class QA(Signature):
    """Answer the question."""

    question: str = InputField(description="What is asked")
    answer: str = OutputField(description="The answer")
    confidence: float = OutputField(ge=0, le=1)


REPLY = {"answer": "Paris", "confidence": 0.9}
STEPS = 10


async def search(query: str, limit: int = 5) -> list[str]:
    """Look something up."""
    return [query] * limit


def look(query: str, limit: int = 5) -> list[str]:
    """Look something up, in a thread."""
    return [query] * limit


def rows() -> Iterator[Row]:
    yield from _loops()
    yield from _tools()
    yield from _budgets()


def _loops() -> Iterator[Row]:
    """Ten steps, each a call of the model and of one tool, and the answer after them."""
    limited = [Budget(max_cost=10**9), Budget(max_tool_calls=10**9, per="process")]
    agents = {
        "an async tool": _looping(search),
        "a function in a thread": _looping(look),
        "an async tool, two budgets": _looping(search, budget=limited),
    }
    found = cpu_of_contenders({how: _run(agent) for how, agent in agents.items()}, calls=10)
    for how, seconds in found.items():
        bound = 6 if how == "an async tool" else None
        yield Row(name=f"ten steps of the tool loop, {how}", value=seconds * 1e3, unit="ms CPU", bound=bound)


def _looping(tool: Callable[..., object], **config: object) -> BaseAgent:
    calls = [{"name": tool.__name__, "arguments": {"query": f"question {step}"}} for step in range(STEPS)]
    fake = FakeLLM(keep=1)
    fake.when(user="Where").steps([*(Reply(tool_calls=[call]) for call in calls), REPLY])
    return BaseAgent({"model": "gpt-4o", **config}, signature=QA, provider=fake, tools=[tool])


def _run(agent: BaseAgent) -> Callable[[], Awaitable[object]]:
    return lambda: agent.run_async(question="Where?")


def _tools() -> Iterator[Row]:
    """One tool call by itself: read, checked, executed, told; beside what only a thread's turn costs."""
    found = cpu_of_contenders(
        {
            "an async tool": _executed(search),
            "a function in a thread": _executed(look),
            "asyncio.to_thread": lambda: asyncio.to_thread(look, "Where?"),
        }
    )
    beside = f"asyncio.to_thread alone: {found.pop('asyncio.to_thread') * 1e6:.0f} µs"
    for how, seconds in found.items():
        yield Row(name=f"one tool call, {how}", value=seconds * 1e6, unit="µs CPU", beside=beside)


def _executed(tool: Callable[..., object]) -> Callable[[], Awaitable[object]]:
    toolbox = Toolbox([tool])
    calls = [ToolCall(id="call_1", name=tool.__name__, arguments='{"query": "Where?"}')]
    agent = BaseAgent({"model": "gpt-4o"}, signature=QA, provider=FakeLLM())

    async def execute() -> None:
        run = run_context.begun(agent.config, QA, {}, agent_id="agent", deadline=Deadline(60), clients=Clients())
        with run_context.activate(run):
            await toolbox.execute(calls, run, call=1)

    return execute


def _budgets() -> Iterator[Row]:
    """A run with one call, without budgets and with some."""
    budgets = {
        "one budget": [Budget(max_tokens=10**9)],
        "a budget of each scope": [Budget(max_cost=10**9, per=scope) for scope in ("run", "session", "process")],
    }
    agents = {how: _plain(budget=given) for how, given in budgets.items()}
    found = cpu_of_contenders({"none": _run(_plain()), **{how: _run(agent) for how, agent in agents.items()}})
    plain = found.pop("none")
    yield Row(name="run_async() without tools and budgets", value=plain * 1e6, unit="µs CPU", bound=200)
    for how, seconds in found.items():
        beside = f"without: {plain * 1e6:.0f} µs"
        yield Row(name=f"{how}, on top", value=(seconds - plain) * 1e6, unit="µs CPU", beside=beside)


def _plain(**config: object) -> BaseAgent:
    return BaseAgent({"model": "gpt-4o", **config}, signature=QA, provider=FakeLLM(keep=1).otherwise(REPLY))
