"""The brain of a FakeMCP: decides about each message, one after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.fake.mcp import faults as of
from kaizen_eval.fake.mcp.calls import UNDER_WAY, MCPCall, MCPRequest
from kaizen_eval.fake.mcp.deeds import Ask, Deed, Later, Nothing, Perish, Say, Silence, Status, Utter
from kaizen_eval.fake.mcp.faults import MCPFault
from kaizen_eval.fake.mcp.results import failed, result_of
from kaizen_eval.fake.mcp.scripted import ScriptedTool

__all__ = ["CHANGED", "METHODS", "NO_REQUEST", "PROTOCOL", "UNREADABLE", "Brain", "error"]

PROTOCOL = "2025-11-25"
"""The version that is offered to a client which asks for one that is not known here."""
_PROTOCOLS = ("2024-11-05", "2025-03-26", "2025-06-18", PROTOCOL)
METHODS = ("initialize", "tools/list")
"""What can fail beside the tools themselves."""
CHANGED: Mapping[str, Any] = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}

UNREADABLE = -32700
NO_REQUEST = -32600
_UNKNOWN_METHOD = -32601
_BAD_PARAMS = -32602


@dataclass(slots=True, eq=False)
class _Planned:
    """A fault that was scripted, and how often it may still come; None for always."""

    target: str
    fault: MCPFault
    left: int | None


class Brain:
    """What is scripted, and what was asked so far."""

    def __init__(self, name: str, instructions: str | None, page: int | None) -> None:
        self.tools: dict[str, ScriptedTool] = {}
        self.calls: list[MCPCall] = []
        self.requests: list[MCPRequest] = []
        self._told = {"name": name, "version": "1.0"}
        self._instructions = instructions
        self._page = page
        self._planned: list[_Planned] = []
        self._calls_by_request: dict[tuple[int, object], int] = {}
        self._clients = 0

    def came(self) -> int:
        """The number of a client that comes now."""
        self._clients += 1
        return self._clients

    def plan(self, target: str, fault: MCPFault, times: int | None) -> None:
        self._planned.append(_Planned(target, fault, times))

    def forget(self) -> None:
        """Let go of what was asked; what is scripted stays, with what is left of its faults."""
        self.calls.clear()
        self.requests.clear()
        self._calls_by_request.clear()

    def heard(self, message: object, client: int, headers: Mapping[str, str]) -> Deed:
        """What is done about one message of a client."""
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            return self._unasked(message)
        params = message.get("params")
        params = params if isinstance(params, dict) else {}
        self.requests.append(MCPRequest(method=message["method"], params=params, client=client, headers=headers))
        if "id" not in message:
            return self._notified(message["method"], params, client)
        return self._answer(message["method"], params, client, message["id"])

    def _unasked(self, message: object) -> Deed:
        if isinstance(message, dict) and ("result" in message or "error" in message):
            return Nothing()  # an answer, and nothing was asked here
        return Say(error(None, NO_REQUEST, "This is no request of JSON-RPC 2.0."))

    def _notified(self, method: str, params: Mapping[str, Any], client: int) -> Deed:
        if method == "notifications/cancelled":
            index = self._calls_by_request.get((client, params.get("requestId")))
            if index is not None and self.calls[index].outcome == UNDER_WAY:
                self._ended(index, "cancelled")
        return Nothing()

    def _answer(self, method: str, params: Mapping[str, Any], client: int, request: object) -> Deed:
        if method == "tools/call":
            return self._called(params, client, request)
        results: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
            "initialize": self._introduction,
            "ping": lambda _: {},
            "tools/list": self._listing,
        }
        if method not in results:
            return Say(error(request, _UNKNOWN_METHOD, f"Method not found: {method}"))
        fault = self._due(method, lambda fault: fault.of_methods)
        return _with(fault, request, lambda: Say(_answered(request, results[method](params))))

    def _introduction(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = params.get("protocolVersion")
        told = {
            "protocolVersion": wanted if wanted in _PROTOCOLS else PROTOCOL,
            "capabilities": {"tools": {"listChanged": True}},
            "serverInfo": self._told,
        }
        return told if self._instructions is None else {**told, "instructions": self._instructions}

    def _listing(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """A page of the list; the cursor is where the next one begins."""
        start = int(params.get("cursor") or 0)
        end = len(self.tools) if self._page is None else start + self._page
        names = list(self.tools)[start:end]
        listed = {"tools": [self.tools[name].listed(self._due(name, _of_listing)) for name in names]}
        return {**listed, "nextCursor": str(end)} if end < len(self.tools) else listed

    def _called(self, params: Mapping[str, Any], client: int, request: object) -> Deed:
        name, arguments = params.get("name"), params.get("arguments", {})
        if not isinstance(name, str) or not isinstance(arguments, dict):
            return Say(error(request, _BAD_PARAMS, "tools/call takes a name and arguments."))
        index = len(self.calls)
        self.calls.append(MCPCall(tool=name, arguments=arguments, client=client))
        self._calls_by_request[client, request] = index
        if name not in self.tools:
            self._ended(index, "unknown tool")
            return Say(error(request, _BAD_PARAMS, f"Unknown tool: {name}"))
        fault = self._due(name, lambda fault: not fault.of_listing)
        if fault is not None and not isinstance(fault, of.Slow):
            self._ended(index, fault.name)
        return _with(fault, request, lambda: self._reply(self.tools[name], arguments, index, request))

    def _reply(self, tool: ScriptedTool, arguments: dict[str, Any], index: int, request: object) -> Deed:
        def then(value: object) -> Deed:
            try:
                result = failed(_said(value)) if isinstance(value, Exception) else result_of(value)
            except (TypeError, ValueError) as problem:
                result = failed(f"The reply of the tool {tool.name!r} cannot be sent: {problem}")
            if self.calls[index].outcome == UNDER_WAY:
                self._ended(index, "error" if result.get("isError") else "ok")
            return Say(_answered(request, result))

        return Ask(tool.reply, arguments, then) if callable(tool.reply) else then(tool.reply)

    def _ended(self, index: int, outcome: str) -> None:
        self.calls[index] = dataclasses.replace(self.calls[index], outcome=outcome)

    def _due(self, target: str, concerns: Callable[[MCPFault], bool]) -> MCPFault | None:
        """The fault that comes now, if one is planned; the first that was counts."""
        for planned in self._planned:
            if planned.target == target and planned.left != 0 and concerns(planned.fault):
                planned.left = None if planned.left is None else planned.left - 1
                return planned.fault
        return None


def error(request: object, code: int, text: str) -> dict[str, Any]:
    """A JSON-RPC error as the answer to this request; to none, where it is None."""
    return {"jsonrpc": "2.0", "id": request, "error": {"code": code, "message": text}}


def _answered(request: object, result: Mapping[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request, "result": result}


def _of_listing(fault: MCPFault) -> bool:
    return fault.of_listing


def _said(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"


def _with(  # noqa: C901, PLR0911 - one answer for each fault
    fault: MCPFault | None, request: object, answer: Callable[[], Deed]
) -> Deed:
    match fault:
        case of.Hang():
            return Silence()
        case of.Die():
            return Perish()
        case of.Slow(seconds):
            return Later(seconds, answer())
        case of.Fails(text):
            return Say(_answered(request, failed(text)))
        case of.Inject(text):
            return Say(_answered(request, result_of(text)))
        case of.Enormous(chars):
            return Say(_answered(request, result_of("x" * chars)))
        case of.BadResult():
            return Say(_answered(request, {"content": "no list", "tools": "none", "protocolVersion": 1}))
        case of.Refused(code, text):
            return Say(error(request, code, text))
        case of.HttpStatus(status):
            return Status(status, error(request, -32603, f"HTTP {status}"))
        case of.NotJson(text):
            return Utter(text, request)
        case _:
            return answer()
