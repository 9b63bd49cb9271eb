"""Faults of tool calls: the model calls what it should not, or not as it should. They are billed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kaizen_eval.fake.faults.base import Fault, Spoiler, check_text
from kaizen_eval.fake.reply import Reply
from kaizen_eval.messages import ChatRequest, ToolCall

__all__ = ["FAULTS", "BrokenArguments", "UnknownTool", "WrongToolId", "first_tool"]

_NO_TOOL = "lookup"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenArguments(Spoiler):
    """A tool call whose arguments are no JSON."""

    name: ClassVar[str] = "broken_arguments"
    is_of_words: ClassVar[bool] = True

    arguments: str = '{"query": "unfinish'
    """No JSON."""

    def check(self) -> None:
        Spoiler.check(self)
        check_text(self, "arguments", self.arguments)

    def misspeak(self, reply: Reply, request: ChatRequest) -> Reply:
        name = reply.tool_calls[0].name if reply.tool_calls else first_tool(request)
        return _calling(ToolCall("", name, self.arguments))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownTool(Spoiler):
    """A call of a tool that was not offered."""

    name: ClassVar[str] = "unknown_tool"
    is_of_words: ClassVar[bool] = True

    tool: str = "no_such_tool"

    def check(self) -> None:
        Spoiler.check(self)
        check_text(self, "tool", self.tool)

    def misspeak(self, reply: Reply, request: ChatRequest) -> Reply:  # noqa: ARG002 - whatever tools there are
        arguments = reply.tool_calls[0].arguments if reply.tool_calls else "{}"
        return _calling(ToolCall("", self.tool, arguments))


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongToolId(Spoiler):
    """Two tool calls that share one id."""

    name: ClassVar[str] = "wrong_tool_id"
    is_of_words: ClassVar[bool] = True

    id: str = "call_0"

    def check(self) -> None:
        Spoiler.check(self)
        check_text(self, "id", self.id)

    def misspeak(self, reply: Reply, request: ChatRequest) -> Reply:
        """Two calls, and one id for both."""
        said = reply.tool_calls or (ToolCall("", first_tool(request), "{}"),)
        calls = said if len(said) > 1 else said * 2
        return _calling(*(ToolCall(self.id, call.name, call.arguments) for call in calls))


FAULTS: tuple[type[Fault], ...] = (BrokenArguments, UnknownTool, WrongToolId)
"""In the order of the documents."""


def first_tool(request: ChatRequest) -> str:
    """The name of the first tool that is offered, or of one that is not."""
    for tool in request.tools:
        function = tool.get("function", tool)
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            return str(function["name"])
    return _NO_TOOL


def _calling(*calls: ToolCall) -> Reply:
    return Reply(tool_calls=calls)
