"""Chat requests as fast as a server answers them, from one core: by wrk where it is installed, else by sockets."""

from __future__ import annotations

import contextlib
import re
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from processes import CHAT, CLIENT_CORE, ServerProcess, on_core

__all__ = ["CONNECTIONS", "Load", "chat_request", "sent"]

CONNECTIONS = 32
_NUMBER = "NUMBER"
"""Stands in a body where requests differ."""
_LUA = """
local before, after, round, count = [==[%s]==], [==[%s]==], 0, 0
local headers = {["content-type"] = "application/json", ["authorization"] = "Bearer any"}
function init(arguments) round = arguments[1] end
function request()
  count = count + 1
  return wrk.format("POST", nil, headers, before .. (after == "" and "" or round .. "/" .. count) .. after)
end
"""
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

_rounds = iter(range(1, 1_000_000))


class Load(NamedTuple):
    """What a server did under it."""

    requests: int
    seconds: float
    cpu_seconds: float
    """Of the server."""

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_each(self) -> float:
        """CPU seconds of the server for one request."""
        return self.cpu_seconds / self.requests


def sent(server: ServerProcess, body: str, *, seconds: int) -> Load:
    """Send this body again and again over 32 connections; where it holds NUMBER, no two requests are alike.

    Raises:
        RuntimeError: something else than a 200 came back.
    """
    send = _by_wrk if shutil.which("wrk") else _by_sockets
    cpu = server.cpu_seconds()
    with on_core(CLIENT_CORE):
        requests, took = send(server.port, body, next(_rounds), seconds)
    return Load(requests, took, server.cpu_seconds() - cpu)


def chat_request(port: int, body: bytes) -> bytes:
    """A request as it goes over the wire."""
    head = (
        f"POST {CHAT} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer any\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _by_wrk(port: int, body: str, number: int, seconds: int) -> tuple[int, float]:
    before, _, after = body.partition(_NUMBER)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "chat.lua"
        script.write_text(_LUA % (before, after), "utf-8")
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script)]
        command += [f"http://127.0.0.1:{port}{CHAT}", "--", str(number)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(f"Not all requests were answered by a 200:\n{told}")
    requests, took = re.search(r"(\d+) requests in ([\d.]+)(m?s)", told).group(1, 2)
    return int(requests), float(took)


def _by_sockets(port: int, body: str, number: int, seconds: int) -> tuple[int, float]:
    """The same by ourselves: each connection sends its next request when its answer is whole."""
    numbers = iter(range(1 << 62))
    with contextlib.ExitStack() as stack:
        waiting = stack.enter_context(selectors.DefaultSelector())

        def request() -> bytes:
            return chat_request(port, body.replace(_NUMBER, f"{number}/{next(numbers)}").encode())

        for _ in range(CONNECTIONS):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            waiting.register(connection, selectors.EVENT_READ, _Asking(connection, request))
        return _until(time.perf_counter() + seconds, waiting)


class _Asking:
    """One connection: its next request goes out when the answer to the last one is whole."""

    def __init__(self, connection: socket.socket, request: Callable[[], bytes]) -> None:
        self._connection = connection
        self._request = request
        self._came = b""
        self._connection.sendall(request())

    def read(self) -> int:
        """How many answers are whole by now: one, or none."""
        self._came += self._connection.recv(65_536)
        if not _is_whole(self._came):
            return 0
        if not self._came.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"The request was not answered by a 200:\n{self._came[:500]!r}")
        self._came = b""
        self._connection.sendall(self._request())
        return 1


def _until(end: float, waiting: selectors.BaseSelector) -> tuple[int, float]:
    began = now = time.perf_counter()
    answered = 0
    while now < end:
        answered += sum(key.data.read() for key, _ in waiting.select(1))
        now = time.perf_counter()
    return answered, now - began


def _is_whole(came: bytes) -> bool:
    head, _, body = came.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return body.endswith(b"0\r\n\r\n") if length is None else len(body) >= int(length[1])
