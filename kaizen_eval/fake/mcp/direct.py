"""The door direct of a FakeMCP: a transport of the `mcp` package within the process, which needs no real time."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter

from kaizen_eval.fake.mcp.deeds import Deed, Perish, Say, Status, Utter
from kaizen_eval.fake.mcp.talk import Host, Talk

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

__all__ = ["direct"]


@asynccontextmanager
async def direct(
    host: Host,
) -> AsyncIterator[
    tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]
]:
    """What a client reads from and writes to, as long as the block lasts."""
    out, read = anyio.create_memory_object_stream[SessionMessage | Exception](math.inf)
    write, incoming = anyio.create_memory_object_stream[SessionMessage](math.inf)
    with out, read, write, incoming:
        async with anyio.create_task_group() as group:
            pipe = _Pipe(host, out, incoming)
            group.start_soon(pipe.read)
            yield read, write
            group.cancel_scope.cancel()


class _Pipe:
    """The fake's end of both streams."""

    def __init__(
        self,
        host: Host,
        out: MemoryObjectSendStream[SessionMessage | Exception],
        incoming: MemoryObjectReceiveStream[SessionMessage],
    ) -> None:
        self._out = out
        self._incoming = incoming
        self._group = anyio.create_task_group()
        self._talk = Talk(host, self._send)

    async def read(self) -> None:
        with self._out, self._incoming:
            try:
                async with self._group as group:
                    async for message in self._incoming:
                        text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                        group.start_soon(self._answer, text)
            finally:
                self._talk.leave()

    async def _answer(self, text: str) -> None:
        self._carry_out(await self._talk.answer(text))

    def _carry_out(self, deed: Deed) -> None:
        match deed:
            case Say(message) | Status(_, message):
                self._send(message)
            case Utter(text, _):
                self._put(ValueError(f"This is no message: {text}"))
            case Perish():
                self._group.cancel_scope.cancel()

    def _send(self, message: Mapping[str, Any]) -> None:
        """By way of JSON, as it would come over a wire."""
        self._put(SessionMessage(jsonrpc_message_adapter.validate_json(json.dumps(message), by_name=False)))

    def _put(self, message: SessionMessage | Exception) -> None:
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):  # the client has gone
            self._out.send_nowait(message)
