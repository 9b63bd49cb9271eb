"""The least that a server in Python does: asyncio, httptools, JSON, a journal; `python benchmarks/floor.py PORT`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque

import httptools

__all__ = ["Floor"]

_journal: deque[object] = deque(maxlen=1000)


class Floor(asyncio.Protocol):
    """Answers each request alike, once it has read its JSON."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._parser = httptools.HttpRequestParser(self)
        self._body = b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, part: bytes) -> None:
        self._body += part

    def on_message_complete(self) -> None:
        asked = json.loads(self._body)
        self._body = b""
        message = {"role": "assistant", "content": "Hello! How can I help you today?"}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        body = json.dumps({"id": "chatcmpl-1", "model": asked["model"], "choices": [choice]}).encode()
        _journal.append((asked, body))
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(head % len(body) + body)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Floor, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
