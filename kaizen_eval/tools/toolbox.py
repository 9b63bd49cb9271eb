"""Toolbox: the tools that a model is offered, and the execution of the calls in one reply."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from kaizen_eval.checks import whole
from kaizen_eval.errors import ToolDefinitionError
from kaizen_eval.messages import Message, ToolCall
from kaizen_eval.metrics.steps import ToolStep
from kaizen_eval.resilience.batch import gather_bounded
from kaizen_eval.run_context import RunContext
from kaizen_eval.tools import wording
from kaizen_eval.tools.definition import Tool
from kaizen_eval.tools.one_call import OneCall
from kaizen_eval.tools.result import text_of

__all__ = ["Toolbox", "message_of"]


class Toolbox:
    """Never changes once made.

    Args:
        tools: Tools or functions, each with a name of its own.
        secrets: what no error that a model is told may hold; whatever looks like a key goes in any case.

    Raises:
        ToolDefinitionError: two tools have the same name, or one is none.
    """

    def __init__(self, tools: Iterable[object], *, secrets: Collection[str] = ()) -> None:
        self.tools: Mapping[str, Tool] = MappingProxyType(_by_name(tools))
        self.definitions: tuple[Mapping[str, Any], ...] = tuple(tool.definition for tool in self.tools.values())
        self._secrets = frozenset(secrets)

    async def execute(
        self, calls: Sequence[ToolCall], run: RunContext, *, call: int, parallel: int = 8, at_most: int = 64
    ) -> list[ToolStep]:
        """What became of each call, in their order; they are steps of the run from then on.

        Args:
            calls: of one reply. An id that comes twice is executed once.
            run: whose deadline, budget, observers and reader count.
            call: the number of the model's call that asked for them.
            parallel: how many are under way at once.
            at_most: how many are executed; the model is told that the others were not.

        Raises:
            ToolFailed: of a tool with `on_error="raise"`; the others were cancelled and have ended.
            BudgetExceeded, UsageError: never told to the model.
        """
        whole("parallel", parallel, least=1)
        whole("at_most", at_most, least=1)
        objections = _objections(calls, at_most)

        async def one(asked: ToolCall) -> ToolStep:
            return await OneCall(asked, run, call, self.tools, self._secrets).step(objection=objections.get(asked))

        distinct = [*dict.fromkeys(calls)]
        if len(distinct) == 1:  # as most replies have it: no tasks are needed
            done = [await one(distinct[0])]
        else:
            done = await gather_bounded(one, distinct, limit=parallel)
        by_call = dict(zip(distinct, done, strict=True))
        steps = [by_call[asked] for asked in calls]
        run.steps.extend(steps)
        return steps


def message_of(step: ToolStep) -> Message:
    """What the model is told of a tool call."""
    told = step.result if step.outcome == "ok" else {"error": step.error}
    return Message("tool", text_of(told), tool_call_id=step.id)


def _objections(calls: Sequence[ToolCall], at_most: int) -> dict[ToolCall, str]:
    """Why some of them are not executed, whatever they say."""
    owners: dict[str, ToolCall] = {}
    found: dict[ToolCall, str] = {}
    for asked in calls:
        if owners.setdefault(asked.id, asked) != asked:
            found[asked] = wording.id_used_twice(asked.name, asked.id)
        elif asked not in found and len(owners) > at_most:
            found[asked] = wording.too_many(asked.name, len(calls), at_most)
    return found


def _by_name(tools: Iterable[object]) -> dict[str, Tool]:
    found: dict[str, Tool] = {}
    for thing in tools:
        tool = Tool.of(thing)
        if tool.name in found:
            raise ToolDefinitionError(
                f"Two tools have the name {tool.name!r}: {_home(found[tool.name])} and {_home(tool)}. Give one of "
                "them another: Tool(function, name=…), agent.as_tool(…), MCPServer(…, prefix=…)."
            )
        found[tool.name] = tool
    return found


def _home(tool: Tool) -> str:
    function = tool.function
    return f"{getattr(function, '__module__', '?')}.{getattr(function, '__qualname__', type(function).__name__)}"
