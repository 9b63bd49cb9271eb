"""MCPServer: all that the tools of one server have in common, as an agent is given it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from os import PathLike
from typing import Any

from kaizen_eval.checks import number
from kaizen_eval.run_context import RunContext
from kaizen_eval.tools.approval import Approve
from kaizen_eval.tools.definition import OnError, Tool
from kaizen_eval.tools.mcp.connection import Connection
from kaizen_eval.tools.mcp.endpoint import endpoint_of
from kaizen_eval.tools.mcp.offer import Offer

__all__ = ["MCPServer"]


class MCPServer:
    """A server of tools (MCP) whose tools an agent is offered: `BaseAgent(tools=[search, MCPServer(url=…)])`.

    It is connected when a run first needs it, and the connection lives as an agent's client does: with the process
    under `run()`, with the `async with` block, else for the run.

    Args:
        command: what to start; it is spoken to over stdin and stdout.
        url: of a server that runs, over HTTP.
        transport: a function that opens a transport of the `mcp` package, such as `FakeMCP().transport`.
        env: variables for the command, beside PATH, HOME and the few others that are always passed on.
        cwd: where to start it.
        headers: to send along, such as a key. They are never shown.
        name: for messages; by default that of the program or the address.
        allow: which tools are offered, by the server's own names; all without.
        exclude: which are not.
        prefix: stands before the names of its tools, where another server or function has the same.
        timeout: seconds for one call of a tool.
        start_timeout: seconds to be connected and to list the tools.
        on_error: "tell" the model what went wrong, or "raise" ToolFailed.
        idempotent: whether a call may be executed twice; by default what the server says of each tool, which is no
            unless it only reads or calls itself idempotent.
        requires_approval: True, and `approve` is asked before each call; or who is to be asked.
        approve: takes an Approval.
        max_result_chars: a longer result is an error.

    Raises:
        ConfigError: a setting that cannot work.
    """

    def __init__(  # noqa: PLR0913 - where it is, and all that makes its tools differ from another's
        self,
        command: Sequence[str] | None = None,
        *,
        url: str | None = None,
        transport: Callable[[], AbstractAsyncContextManager[Any]] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | PathLike[str] | None = None,
        headers: Mapping[str, str] | None = None,
        name: str | None = None,
        allow: Collection[str] | None = None,
        exclude: Collection[str] = (),
        prefix: str = "",
        timeout: float = 30.0,
        start_timeout: float = 30.0,
        on_error: OnError = "tell",
        idempotent: bool | None = None,
        requires_approval: bool | Approve = False,
        approve: Approve | None = None,
        max_result_chars: int = 100_000,
    ) -> None:
        self._endpoint = endpoint_of(command, url, transport, env=env, cwd=cwd, headers=headers)
        number("start_timeout", start_timeout, above=0)
        self.name = str(self._endpoint) if name is None else name
        self._start_timeout = start_timeout
        self._offer = Offer(
            server=self.name,
            allow=allow,
            exclude=exclude,
            prefix=prefix,
            idempotent=idempotent,
            settings={
                "timeout": timeout,
                "on_error": on_error,
                "requires_approval": requires_approval,
                "approve": approve,
                "max_result_chars": max_result_chars,
            },
        )

    def __repr__(self) -> str:
        return f"MCPServer({self.name})"

    async def tools(self, run: RunContext) -> Sequence[Tool]:
        """What it offers now; asked before each call of the model, and it asks the server when that says so.

        Raises:
            ToolServerFailed: it cannot be reached or understood. Once a run has had its tools, they stay, and the
                model is told when it calls one.
            ConfigError: the package `mcp` is not installed.
            UsageError: time is virtual, and the server is another program, whose time is real.
        """
        connection = run.clients.get(self, self._opened, user=run.owner)
        return await connection.tools(is_first=run.calls == 0)

    def _opened(self) -> Connection:
        return Connection(self.name, self._endpoint, self._offer, patience=self._start_timeout)
