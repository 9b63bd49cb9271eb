"""Connections to servers of tools, made by the `mcp` package: nothing else here knows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import anyio
import httpx2
import mcp_types
from mcp.client.session import ClientSession, IncomingMessage, MessageHandlerFnT
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import SubscriptionLost, listen
from mcp.shared.exceptions import MCPError
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp_types import methods
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from kaizen_eval.errors import ToolServerFailed
from kaizen_eval.tools.mcp.endpoint import Command, Endpoint, Given, Url
from kaizen_eval.tools.mcp.last_words import listening
from kaizen_eval.tools.mcp.life import innermost
from kaizen_eval.tools.mcp.link import Gone, Link, Listed

__all__ = ["linked"]

_LIST = "tools/list"
_PAGES = 100
"""Of a list, at most: one that never ends cannot hang a run."""
_TERMINATED = "Session terminated"
"""How the package words a 404 for a session that the server does not know any more."""


@asynccontextmanager
async def linked(endpoint: Endpoint, on_change: Callable[[], None]) -> AsyncIterator[Link]:
    """A connection, for this block.

    Args:
        endpoint: where the server is.
        on_change: called when the server says that its tools have changed.

    Raises:
        ToolServerFailed: it cannot be started or understood.
        Gone: it cannot be reached, or has ended.
    """
    async with _transport(endpoint) as (read, write):
        dispatcher = _Dispatcher(read, write)
        async with ClientSession(dispatcher=dispatcher, message_handler=_handler(on_change)) as session:
            await _negotiated(session)
            async with anyio.create_task_group() as group:
                if session.protocol_version in MODERN_PROTOCOL_VERSIONS:
                    group.start_soon(_listened, session, on_change)
                yield _SessionLink(session, dispatcher)
                group.cancel_scope.cancel()


class _Dispatcher(JSONRPCDispatcher[Any]):
    """Takes out of lists what is against the protocol, which would else cost the whole list; says when it is over."""

    def __init__(self, read: Any, write: Any) -> None:
        super().__init__(read, write)
        self.over = asyncio.Event()
        self.version: str | None = None
        self.left_out: list[tuple[object, str]] = []

    async def run(self, *args: Any, **kwargs: Any) -> None:
        try:
            await super().run(*args, **kwargs)
        finally:
            self.over.set()

    async def send_raw_request(self, method: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        result = await super().send_raw_request(method, *args, **kwargs)
        if method == _LIST and isinstance(result.get("tools"), list):
            return {**result, "tools": [entry for entry in result["tools"] if self._is_sound(entry, result)]}
        return result

    def _is_sound(self, entry: object, result: dict[str, Any]) -> bool:
        if isinstance(entry, dict) and isinstance(entry.get("inputSchema"), dict):
            entry["inputSchema"].setdefault("type", "object")
        try:
            methods.validate_server_result(_LIST, self.version or "", {**result, "tools": [entry]})
        except ValidationError as error:
            name = entry.get("name") if isinstance(entry, dict) else entry
            self.left_out.append((name, _first(error)))
            return False
        return True


class _SessionLink:
    """A Link over a session of the package."""

    def __init__(self, session: ClientSession, dispatcher: _Dispatcher) -> None:
        self.over = dispatcher.over
        self._session = session
        self._dispatcher = dispatcher
        dispatcher.version = session.protocol_version

    async def listed(self) -> Listed:
        self._dispatcher.left_out.clear()
        tools: list[mcp_types.Tool] = []
        cursor = None
        with _translated():
            for _ in range(_PAGES):
                page = await self._session.list_tools(params=mcp_types.PaginatedRequestParams(cursor=cursor))
                tools += page.tools
                if (cursor := page.next_cursor) is None:
                    break
        entries = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]
        return Listed(entries, tuple(self._dispatcher.left_out))

    async def called(self, name: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        with _translated():
            result = await self._session.call_tool(name, arguments)
        return result.model_dump(mode="json", by_alias=True, exclude_none=True)


@contextmanager
def _translated() -> Iterator[None]:
    """Errors of the package, as ours."""
    try:
        yield
    except MCPError as error:
        raise _of_mcp(error) from error
    except ValidationError as error:
        raise ToolServerFailed(f"what it answered is against the protocol: {_first(error)}") from error
    except RuntimeError as error:
        raise ToolServerFailed(str(error).partition("\n")[0]) from error


def _of_mcp(error: MCPError) -> ToolServerFailed | Gone:
    if error.code == mcp_types.CONNECTION_CLOSED:
        return Gone("the connection has ended")
    if error.message == _TERMINATED:
        return Gone("it does not know this session any more", is_certain=True)
    if error.code == mcp_types.PARSE_ERROR:
        return ToolServerFailed("what it answered is no message of JSON-RPC")
    return ToolServerFailed(error.message or "it said that it failed, and not why")


def _first(error: ValidationError) -> str:
    """The first thing that does not fit."""
    problem = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


async def _negotiated(session: ClientSession) -> None:
    """By the newest way to begin, else by the one that all servers before 2026 know."""
    try:
        await session.discover()
    except (MCPError, RuntimeError, ValidationError):
        with _translated():
            await session.initialize()


def _handler(on_change: Callable[[], None]) -> MessageHandlerFnT:
    async def heard(message: IncomingMessage) -> None:
        if isinstance(message, mcp_types.ToolListChangedNotification):
            on_change()

    return heard


async def _listened(session: ClientSession, on_change: Callable[[], None]) -> None:
    """Hear of changes where they must be asked for; a server that tells of none is asked no further."""
    try:
        async with listen(session, tools_list_changed=True) as subscription:
            async for _ in subscription:
                on_change()
    except (MCPError, SubscriptionLost, TimeoutError):
        on_change()


def _transport(endpoint: Endpoint) -> AbstractAsyncContextManager[tuple[Any, Any]]:
    match endpoint:
        case Command():
            return _started(endpoint)
        case Url():
            return _asked(endpoint)
        case Given(transport):
            return transport()


@asynccontextmanager
async def _started(command: Command) -> AsyncIterator[tuple[Any, Any]]:
    program, *args = command.words
    env = None if command.env is None else dict(command.env)
    parameters = StdioServerParameters(command=program, args=args, env=env, cwd=command.cwd)
    async with listening() as (words, errors):
        try:
            async with stdio_client(parameters, errlog=errors) as streams:
                errors.close()
                yield streams
        except* Gone as failure:
            said = await words.text()
            raise Gone(f"it ended; it wrote: {said}" if said else "it ended, and wrote nothing to stderr") from failure
        except* OSError as failure:
            raise ToolServerFailed(f"it cannot be started: {innermost(failure)}") from failure


@asynccontextmanager
async def _asked(url: Url) -> AsyncIterator[tuple[Any, Any]]:
    timeout = httpx2.Timeout(30.0, read=None)  # the caller's time limits count
    hooks = {"response": [_by_status]}
    async with httpx2.AsyncClient(headers=dict(url.headers), timeout=timeout, event_hooks=hooks) as client:
        try:
            async with streamable_http_client(url.url, http_client=client) as streams:
                yield streams
        except* httpx2.HTTPStatusError as failure:
            raise ToolServerFailed(str(innermost(failure))) from failure
        except* httpx2.HTTPError as failure:
            error = innermost(failure)
            raise Gone(f"it cannot be reached: {type(error).__name__}: {error}") from failure


async def _by_status(response: httpx2.Response) -> None:
    """Let a 404 be what its status says, a session that is gone: the package would believe its body instead."""
    status = response.status_code
    if status == 404:
        response.headers["content-type"] = "text/plain"
    elif status in {401, 403}:
        text = f"it does not let this client in: HTTP {status} {response.reason_phrase}; give its key in headers=…"
        raise httpx2.HTTPStatusError(text, request=response.request, response=response)
