"""Streams at a client that is not in the way: events as fast as they come, and a thousand slow streams at a time."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import re
import selectors
import socket
import time
from collections.abc import Callable
from typing import NamedTuple

from load import chat_request
from processes import CLIENT_CORE, ServerProcess, on_core

__all__ = ["Flood", "SlowStreams", "Token", "flood", "slow_streams"]

_FLOODS = 4
"""Connections over which events come as fast as they can."""
_EVENT = b"data: {"
_END = b"0\r\n\r\n"
"""Of a body in chunks."""
_READ = 1024 * 1024
_LAG = 0.005
"""Seconds between two looks at how late the client itself is."""
_CHUNK = re.compile(rb"([0-9a-f]+)\r\n")


class Flood(NamedTuple):
    """Events of streams without waits."""

    events: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.events / self.seconds


class Token(NamedTuple):
    """A token, and how many seconds after the request it is due, or came."""

    text: str
    at: float


class SlowStreams(NamedTuple):
    """What many streams at the same time were like; times in seconds."""

    correct: int
    """Those that said, event for event, what they were to say."""
    lateness: list[float]
    """Of all events, in order: from when it was due, counted from when its request was sent."""
    client_lag: list[float]
    """By how much the client's own timers were late, in order."""
    cores: float
    """How many the server took."""


def flood(server: ServerProcess, request: Callable[[], bytes], *, seconds: float) -> Flood:
    """Ask for streams again and again, and count the events that arrive."""
    with on_core(CLIENT_CORE), contextlib.ExitStack() as stack:
        waiting = stack.enter_context(selectors.DefaultSelector())
        for _ in range(_FLOODS):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            waiting.register(connection, selectors.EVENT_READ, _Flooded(connection, server.port, request))
        began = now = time.perf_counter()
        events = 0
        while now < began + seconds:
            events += sum(key.data.read() for key, _ in waiting.select(1))
            now = time.perf_counter()
        return Flood(events, now - began)


class _Flooded:
    """One connection: another stream is asked for when the last one has ended."""

    def __init__(self, connection: socket.socket, port: int, request: Callable[[], bytes]) -> None:
        self._connection = connection
        self._port = port
        self._request = request
        self._last = b""
        """The end of what was read before: an event may begin in it."""
        self._ask()

    def read(self) -> int:
        """How many events came."""
        came = self._last + self._connection.recv(_READ)
        if came == self._last:
            raise RuntimeError("The server closed the connection in the middle of a stream.")
        self._last = came[1 - len(_EVENT) :]
        events = came.count(_EVENT)
        if came.endswith(_END):
            self._ask()
        return events

    def _ask(self) -> None:
        self._last = b""
        self._connection.sendall(chat_request(self._port, self._request()))


def slow_streams(server: ServerProcess, bodies: list[bytes], reply: list[Token], *, over: float) -> SlowStreams:
    """Begin these streams, spread over so many seconds, and follow all of them to their ends.

    Args:
        server: which is asked.
        bodies: one for each stream.
        reply: what each is to say, every token in an event of its own.
        over: seconds from the first request to the last.
    """
    with on_core(CLIENT_CORE):
        gc.collect()
        gc.disable()
        try:
            return asyncio.run(_followed(server, bodies, reply, over))
        finally:
            gc.enable()


async def _followed(server: ServerProcess, bodies: list[bytes], reply: list[Token], over: float) -> SlowStreams:
    loop = asyncio.get_running_loop()
    connected = [loop.create_connection(_Slow, "127.0.0.1", server.port) for _ in bodies]
    streams = [protocol for _, protocol in [await connecting for connecting in connected]]
    lags: list[float] = []
    watching = loop.create_task(_watch_lag(lags))
    cpu, began = server.cpu_seconds(), loop.time()
    for place, (stream, body) in enumerate(zip(streams, bodies, strict=True)):
        loop.call_at(began + over * place / len(streams), stream.ask, chat_request(server.port, body))
    await asyncio.gather(*(stream.ended for stream in streams))
    cores = (server.cpu_seconds() - cpu) / (loop.time() - began)
    watching.cancel()
    for stream in streams:
        stream.transport.close()
    said = [stream.tokens() for stream in streams]
    texts = [token.text for token in reply]
    correct = sum([token.text for token in tokens] == texts for tokens in said)
    late = [token.at - due.at for tokens in said for token, due in zip(tokens, reply, strict=False)]
    return SlowStreams(correct, sorted(late), sorted(lags), cores)


async def _watch_lag(lags: list[float]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        wanted = loop.time() + _LAG
        await asyncio.sleep(_LAG)
        lags.append(loop.time() - wanted)


class _Slow(asyncio.Protocol):
    """One stream: what came and when; it is read only after all have ended."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._came: list[tuple[float, bytes]] = []
        self._sent = 0.0
        self.ended = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def ask(self, request: bytes) -> None:
        self._sent = self._loop.time()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._came.append((self._loop.time(), data))
        if data.endswith(_END):
            self.ended.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("The server closed the connection in a stream."))

    def tokens(self) -> list[Token]:
        """Each token as it came; [] unless the stream is a whole and proper one."""
        whole, arrived = b"", []
        for at, data in self._came:
            whole += data
            arrived.append((len(whole), at - self._sent))
        head, _, _ = whole.partition(b"\r\n\r\n")
        events = list(_events(whole, len(head) + 4))
        if not head.startswith(b"HTTP/1.1 200") or not events or events[-1][1] != "[DONE]":
            return []
        times = iter(arrived)
        end, at = next(times)
        tokens = []
        for place, event in events[:-1]:
            while end < place:
                end, at = next(times)
            content = json.loads(event)["choices"][0]["delta"].get("content")
            if content:
                tokens.append(Token(content, at))
        return tokens


def _events(whole: bytes, place: int) -> list[tuple[int, str]]:
    """The data of each event in a body in chunks, with the place in the stream at which it was whole."""
    found = []
    while (chunk := _CHUNK.match(whole, place)) and (size := int(chunk[1], 16)):
        text = whole[chunk.end() : chunk.end() + size].decode()
        place = chunk.end() + size + 2
        found += [(place, event.removeprefix("data: ")) for event in text.removesuffix("\n\n").split("\n\n")]
    return found
