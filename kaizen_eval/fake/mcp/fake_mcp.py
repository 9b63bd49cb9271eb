"""The face of a fake server of tools: what is scripted, what was asked, and the ways in."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Self

from kaizen_eval.checks import optional, whole
from kaizen_eval.errors import ConfigError, ScriptError
from kaizen_eval.fake.mcp.brain import CHANGED, METHODS, Brain
from kaizen_eval.fake.mcp.calls import MCPCall, MCPRequest
from kaizen_eval.fake.mcp.deeds import Ask, Deed
from kaizen_eval.fake.mcp.faults import MCPFault, fault_of
from kaizen_eval.fake.mcp.scripted import ScriptedTool
from kaizen_eval.fake.mcp.talk import Talk
from kaizen_eval.suggestion import suggestion

if TYPE_CHECKING:
    from kaizen_eval.fake.mcp.http import HttpDoor
    from kaizen_eval.fake.mcp.stdio import StdioDoor

__all__ = ["FakeMCP"]


class FakeMCP:
    """A server of tools (MCP) that answers as it was told. It may be shared by threads, loops and clients.

    What is scripted may change while clients are connected: they are told that the list of tools has.

    Args:
        name: how it introduces itself.
        instructions: what it tells clients of its use.
        page: how many tools it lists at once; all without.
    """

    def __init__(self, name: str = "fake", *, instructions: str | None = None, page: int | None = None) -> None:
        optional(whole, "page", page, least=1)
        self._brain = Brain(name, instructions, page)
        self._lock = threading.RLock()
        self._talks: list[Talk] = []

    def __repr__(self) -> str:
        return f"FakeMCP(tools: {', '.join(self._brain.tools) or 'none'})"

    def tool(  # noqa: PLR0913 - all that a tool is listed with
        self,
        name: str,
        *,
        description: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        reply: Any = "ok",
        output: Mapping[str, Any] | None = None,
        annotations: Mapping[str, Any] | None = None,
    ) -> Self:
        """Offer a tool; one of the same name is replaced.

        Args:
            name: as clients call it.
            description: what a model is told of it.
            parameters: JSON Schema of the arguments; any object without.
            reply: a text, another JSON value, an `MCPReply`, or a function (async too) from the arguments to one of
                these. A mapping is also the structured content. What the function raises is told as an error.
            output: JSON Schema of the structured content.
            annotations: such as `{"readOnlyHint": True}`.
        """
        given = {} if parameters is None else {"parameters": parameters}
        made = ScriptedTool(
            name=name, description=description, reply=reply, output=output, annotations=annotations, **given
        )
        return self._altered(lambda tools: tools.__setitem__(name, made))

    def change(self, name: str, **what: Any) -> Self:
        """Change some of what `tool` was told.

        Raises:
            ScriptError: there is no such tool, or nothing of this name was told.
        """
        known = [field.name for field in dataclasses.fields(ScriptedTool) if field.name != "name"]
        for key in what:
            if key not in known:
                raise ScriptError(
                    f"A tool of FakeMCP has no {key!r}{suggestion(key, known)} It has: {', '.join(known)}."
                )
        made = dataclasses.replace(self._known(name), **what)
        return self._altered(lambda tools: tools.__setitem__(name, made))

    def remove(self, name: str) -> Self:
        """Offer this tool no longer.

        Raises:
            ScriptError: there is none.
        """
        self._known(name)
        return self._altered(lambda tools: tools.__delitem__(name))

    def fail(self, target: str, fault: MCPFault | str, *, times: int | None = None, **details: Any) -> Self:
        """Let something go wrong; of several faults for one target the first comes until it is used up.

        Args:
            target: a tool, or "initialize" or "tools/list".
            fault: its name in `MCP_FAULTS`, or the fault itself.
            times: how often; always without.
            details: of the fault.

        Raises:
            ScriptError: no such target or fault, or one that cannot befall the other.
        """
        made = fault_of(fault, details)
        if times is not None and times < 1:
            raise ScriptError(f"times takes a number from 1, not {times!r}.")
        if target in METHODS:
            _check_method(target, made)
        else:
            self._known(target)
        with self._lock:
            self._brain.plan(target, made, times)
        return self

    @property
    def calls(self) -> tuple[MCPCall, ...]:
        """The calls of tools so far, in the order in which they came."""
        with self._lock:
            return tuple(self._brain.calls)

    @property
    def requests(self) -> tuple[MCPRequest, ...]:
        """All messages of clients so far, in the order in which they came."""
        with self._lock:
            return tuple(self._brain.requests)

    @property
    def clients(self) -> int:
        """How many are connected now."""
        return len(self._talks)

    def reset(self) -> Self:
        """Forget what was asked; what is scripted stays."""
        with self._lock:
            self._brain.forget()
        return self

    def assert_called(self, name: str, *, times: int | None = None, arguments: Mapping[str, Any] | None = None) -> None:
        """Fail unless this tool was called: so often, or at least once; each time with these arguments, or any."""
        calls = [call for call in self.calls if call.tool == name]
        fitting = [call for call in calls if arguments is None or call.arguments == arguments]
        if (len(fitting) != times) if times is not None else not fitting:
            raise AssertionError(self._unlike(name, times, arguments))

    def assert_not_called(self, name: str | None = None) -> None:
        """Fail if this tool was called; without a name, if any was."""
        if any(name in {None, call.tool} for call in self.calls):
            raise AssertionError(f"FakeMCP: {name or 'no tool'!r} was not to be called.\n{self._shown()}")

    def http(self, *, port: int = 0) -> HttpDoor:
        """Serve over HTTP: `with fake.http() as server: server.url`. On loopback alone, on a free port."""
        from kaizen_eval.fake.mcp.http import HttpDoor  # noqa: PLC0415 - loaded where it is used

        return HttpDoor(self, port=port)

    def stdio(self) -> StdioDoor:
        """Serve programs that start a command: `with fake.stdio() as server: server.command`."""
        from kaizen_eval.fake.mcp.stdio import StdioDoor  # noqa: PLC0415 - loaded where it is used

        return StdioDoor(self)

    def transport(self) -> AbstractAsyncContextManager[tuple[Any, Any]]:
        """In process, and on virtual time, too: a transport of the `mcp` package, as `MCPServer(transport=…)` takes.

        Raises:
            ConfigError: that package is not installed.
        """
        try:
            from kaizen_eval.fake.mcp.direct import direct  # noqa: PLC0415 - an extra, and loads a lot
        except ModuleNotFoundError as error:
            raise ConfigError(
                "FakeMCP.transport needs the package mcp, which is not installed: pip install 'kaizen-eval[mcp]'"
            ) from error
        return direct(self)

    def came(self, talk: Talk) -> int:
        """A client has come, at some door; its number."""
        with self._lock:
            self._talks.append(talk)
            return self._brain.came()

    def left(self, talk: Talk) -> None:
        """It has gone."""
        with self._lock:
            if talk in self._talks:
                self._talks.remove(talk)

    def heard(self, message: object, client: int, headers: Mapping[str, str]) -> Deed:
        """What is done about a client's message."""
        with self._lock:
            return self._brain.heard(message, client, headers)

    def then(self, ask: Ask, value: object) -> Deed:
        """What is done now that the user's function has given this, or raised it."""
        with self._lock:
            return ask.then(value)

    def _known(self, name: str) -> ScriptedTool:
        with self._lock:
            tools = self._brain.tools
            if name not in tools:
                known = ", ".join(tools) or "none yet; add it with .tool()"
                raise ScriptError(f"FakeMCP has no tool {name!r}{suggestion(name, tools)} It has: {known}.")
            return tools[name]

    def _altered(self, alter: Callable[[dict[str, ScriptedTool]], None]) -> Self:
        with self._lock:
            alter(self._brain.tools)
            talks = list(self._talks)
        for talk in talks:
            talk.tell(CHANGED)
        return self

    def _unlike(self, name: str, times: int | None, arguments: Mapping[str, Any] | None) -> str:
        often = "at least once" if times is None else f"{times} time{'' if times == 1 else 's'}"
        how = "" if arguments is None else f" with {dict(arguments)!r}"
        return f"FakeMCP: {name!r} was to be called {often}{how}.\n{self._shown()}"

    def _shown(self) -> str:
        lines = [
            f"  {number}. {call.tool}({dict(call.arguments)!r}): {call.outcome}"
            for number, call in enumerate(self.calls, 1)
        ]
        return "\n".join(["Calls:", *lines]) if lines else "No tool was called."


def _check_method(target: str, fault: MCPFault) -> None:
    if not fault.of_methods:
        raise ScriptError(f"The fault {fault.name!r} befalls tools, not {target!r}: name the tool.")
