"""A loopback HTTP server that answers with raw bytes, and misbehaves exactly as it is told."""

from __future__ import annotations

import asyncio
import enum
import json
import socket
import struct
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Act", "Asked", "Server", "completion", "response", "serving"]


class Act(enum.Enum):
    """What the server does other than sending bytes."""

    CLOSE = enum.auto()
    RESET = enum.auto()
    HANG = enum.auto()
    """Sends nothing more until the client has gone."""


Answer = tuple[bytes | Act, ...]
"""What happens after one request, step by step; without an `Act` the connection is kept for the next one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came over the wire."""

    line: str
    headers: Mapping[str, str]
    """Names in lower case."""
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass(eq=False)
class Server:
    """Answers its requests in order; the last answer is repeated."""

    answers: list[Answer]
    base_url: str = ""
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    client_left: asyncio.Event = field(default_factory=asyncio.Event)
    _open: dict[asyncio.Task[Any], asyncio.StreamWriter] = field(default_factory=dict)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open[asyncio.current_task()] = writer
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.client_left.set()
        finally:
            writer.close()

    async def hang_up(self) -> None:
        for writer in self._open.values():
            writer.close()
        await asyncio.gather(*self._open)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            self.asked.append(await _read_request(reader))
            self.was_asked.set()
            for step in self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]:
                if isinstance(step, bytes):
                    writer.write(step)
                    await writer.drain()
                elif step is Act.HANG:
                    await reader.readexactly(1)
                else:
                    _hang_up(writer, hard=step is Act.RESET)
                    return


@asynccontextmanager
async def serving(*answers: Iterable[bytes | Act] | bytes) -> AsyncIterator[Server]:
    """A server on a free port of 127.0.0.1; an answer of plain bytes is sent as one step."""
    server = Server([(answer,) if isinstance(answer, bytes) else tuple(answer) for answer in answers])
    listener = await asyncio.start_server(server.meet, "127.0.0.1", 0)
    server.base_url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listener.close()
        await server.hang_up()


def response(
    body: bytes | Any, status: str = "200 OK", *, content_type: str | None = "application/json", **headers: str
) -> bytes:
    """A whole HTTP/1.1 response; a body that is not bytes is sent as JSON, `_` in header names stands for `-`."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": content_type, "content-length": str(len(raw))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}\r\n" for name, value in named.items() if value is not None]
    return f"HTTP/1.1 {status}\r\n{''.join(lines)}\r\n".encode() + raw


def completion(text: str | None = "Paris", **changes: Any) -> dict[str, Any]:
    """A chat completion as OpenAI sends it."""
    message = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_735_689_600,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
        "system_fingerprint": "fp_1",
    } | changes


async def _read_request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = head.rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in fields)}
    return Asked(line, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def _hang_up(writer: asyncio.StreamWriter, *, hard: bool) -> None:
    """`hard` resets the connection instead of ending it."""
    if hard:
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
