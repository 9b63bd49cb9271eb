"""Tools, and agents as tools."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from typing import Any, assert_type

from kaizen_eval import BaseAgent, RunResult, Tool, ToolLoopStrategy, tool
from kaizen_eval.metrics.meter import Metrics
from kaizen_eval.metrics.steps import CallStep, ToolStep
from kaizen_eval.tools import Approval


async def search(query: str) -> list[str]:
    return [query]


@tool
def plain(city: str) -> str:
    return city


@tool(timeout=5, on_error="raise")
async def waiting(city: str) -> str:
    return city


def agree(approval: Approval) -> bool | str:
    return approval.tool == "search" or "not this one"


class Source:
    async def tools(self, run: Any) -> list[Tool]:
        return [plain]


assert_type(plain, Tool)
assert_type(waiting, Tool)
asked = Tool(search, requires_approval=agree, idempotent=False)
agent = BaseAgent(tools=[search, plain, asked, Source()], strategy=ToolLoopStrategy(max_steps=3, max_repeats=None))
assert_type(agent.as_tool("other", timeout=5, on_error="raise"), Tool)
BaseAgent(tools=(agent.as_tool(),))


def look(result: RunResult) -> None:
    assert_type(result.steps, tuple[CallStep | ToolStep, ...])
    assert_type(result.total, Metrics)


ToolLoopStrategy(3)  # type: ignore[call-arg]  # by keyword
BaseAgent(tools=search)  # type: ignore[arg-type]  # no list
Tool(search, on_error="ignore")  # type: ignore[arg-type]  # no such way
