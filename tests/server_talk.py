"""Talking to a running server over a raw socket: bytes in, bytes out, and waiting for what its journal says."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from kaizen_eval.fake.journal.exchange import Exchange
from kaizen_eval.fake.journal.journal import Journal
from kaizen_eval.fake.server.running import Serving

__all__ = ["Response", "Wire", "chat", "control", "get", "until", "wire"]

PATIENCE = 20.0
"""Seconds after which a test that waits fails."""


class Response(NamedTuple):
    """One HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """What a chat completion says."""
        return self.json()["choices"][0]["message"]["content"]


class Wire:
    """One connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.rest = b""

    def send(self, *data: bytes) -> Wire:
        for part in data:
            self.sock.sendall(part)
        return self

    def end(self) -> Wire:
        """Send no more; the server may have torn the connection down before."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
        return self

    def everything(self) -> bytes:
        """All that comes until the server closes the connection, in whatever way."""
        data, self.rest = self.rest, b""
        try:
            while part := self.sock.recv(65_536):
                data += part
        except ConnectionResetError:
            pass
        return data

    def response(self, *, of_head: bool = False) -> Response:
        """The next one."""
        head = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:])}
        return Response(int(head[0].split()[1]), headers, b"" if of_head else self._body(headers))

    def take(self, size: int) -> bytes:
        while len(self.rest) < size:
            self._more()
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.take(int(headers["content-length"])) if "content-length" in headers else self.everything()
        body = b""
        while size := int(self._until(b"\r\n"), 16):
            body += self.take(size)
            self.take(2)
        self.take(2)
        return body

    def _until(self, end: bytes) -> bytes:
        while end not in self.rest:
            self._more()
        found, _, self.rest = self.rest.partition(end)
        return found

    def _more(self) -> None:
        part = self.sock.recv(65_536)
        if not part:
            raise EOFError(f"the server closed the connection after {self.rest!r}")
        self.rest += part


@contextmanager
def wire(server: Serving) -> Iterator[Wire]:
    """A connection to the server."""
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=PATIENCE) as sock:
        yield Wire(sock)


def chat(text: str = "hello", *headers: str, version: str = "1.1", **fields: object) -> bytes:
    """A request, as bytes."""
    body = json.dumps({"model": "fake", "messages": [{"role": "user", "content": text}]} | fields).encode()
    lines = (f"POST /v1/chat/completions HTTP/{version}", "host: 127.0.0.1", "content-type: application/json", *headers)
    return "\r\n".join((*lines, f"content-length: {len(body)}", "", "")).encode("latin-1") + body


def get(path: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    lines = (f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *headers, f"content-length: {len(body)}", "", "")
    return "\r\n".join(lines).encode("latin-1") + body


def control(server: Serving, path: str, *headers: str, method: str = "GET", body: bytes = b"") -> Response:
    """What a control path answers."""
    with wire(server) as connection:
        return connection.send(get(f"/_kaizen{path}", *headers, method=method, body=body)).response()


def until(journal: Journal, holds: Callable[[tuple[Exchange, ...]], bool]) -> tuple[Exchange, ...]:
    """Wait until the journal is like this."""
    changed = threading.Event()
    stop = journal.follow(changed.set)
    try:
        while not holds(journal.exchanges):
            assert changed.wait(PATIENCE), f"nothing changed any more: {journal.exchanges}"
            changed.clear()
    finally:
        stop()
    return journal.exchanges
