"""A FakeMCP at each of its doors, and agents that use what is behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kaizen_eval import BaseAgent, FakeLLM
from kaizen_eval.core.result import RunResult
from kaizen_eval.fake import Reply
from kaizen_eval.fake.mcp import FakeMCP
from kaizen_eval.tools.mcp import MCPServer

DOORS = ("direct", "http", "stdio")
QUERY = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}


def searching(**tool: Any) -> FakeMCP:
    """A fake with one tool."""
    given = {"description": "Searches.", "parameters": QUERY, "reply": "found", **tool}
    return FakeMCP().tool("search", **given)


def calling(name: str, **arguments: Any) -> Reply:
    """A reply of the model that calls a tool."""
    return Reply(tool_calls=[{"name": name, "arguments": arguments}])


@contextmanager
def served(fake: FakeMCP, door: str, **settings: Any) -> Iterator[MCPServer]:
    """The server as an agent is given it."""
    if door == "direct":
        yield MCPServer(transport=fake.transport, **settings)
    elif door == "http":
        with fake.http() as behind:
            yield MCPServer(url=behind.url, **settings)
    else:
        with fake.stdio() as behind:
            yield MCPServer(behind.command, **settings)


class Asked:
    """An agent with these tools, and a model that says this."""

    def __init__(self, *said: object, tools: object, **agent: Any) -> None:
        self.llm = FakeLLM().script(list(said))
        self.agent = BaseAgent(provider=self.llm, tools=tools, **agent)

    def run(self, **inputs: Any) -> RunResult:
        """Once, with nothing left open."""
        try:
            return self.agent.run(**(inputs or {"prompt": "hello"}))
        finally:
            self.agent.close()

    @property
    def told(self) -> list[str]:
        """What the model was told of its tool calls."""
        return [message.content for message in self.llm.requests[-1].messages if message.role == "tool"]

    @property
    def offered(self) -> list[list[str]]:
        """The names of the tools in each request."""
        return [[tool["function"]["name"] for tool in request.tools] for request in self.llm.requests]


def told(server: MCPServer, *calls: Reply, **agent: Any) -> list[str]:
    """What a model is told of these calls."""
    asked = Asked(*calls, "done", tools=[server], **agent)
    asked.run()
    return asked.told
