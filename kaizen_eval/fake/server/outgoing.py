"""One answer on its way out: each part at its time, no more than the client takes, and the ending that was decided."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, Protocol

from kaizen_eval.fake.wire import framing
from kaizen_eval.fake.wire.events import Answer, Disconnect, WireEvent, framing_of

__all__ = ["Client", "Delivery", "for_old", "reset", "whole"]

_WRITE = 65_536
"""Bytes that are joined for one write, at the least."""
_TURN = 16
"""Writes after which other connections have their turn."""
_SAME_INSTANT = 0.000_5
"""Seconds within which parts share a write."""


class Client(Protocol):
    """What a delivery knows of the connection that it goes to."""

    transport: asyncio.Transport
    is_writable: bool
    """False while the client takes less than it is sent."""

    def write(self, data: bytes) -> None: ...

    def when_flushed(self, do: Callable[[], None]) -> None:
        """Do this once all that was written is with the operating system."""
        ...


class _Part(NamedTuple):
    at: float
    """Seconds after the answer was due."""
    data: bytes


def whole(answer: Answer, *more: tuple[str, str], is_head_only: bool = False) -> bytes | None:
    """Head and body, where they are nothing but that; None where the answer needs a delivery."""
    body = answer.body
    if not isinstance(body, bytes) or answer.ending != "complete" or answer.framing is not None or answer.head_pace:
        return None
    head = framing.head(answer, *more)
    return head if is_head_only else head + body


def for_old(answer: Answer) -> Answer:
    """The same for a client that knows no chunks."""
    return replace(answer, framing="until close") if framing_of(answer) == "chunked" else answer


def reset(transport: asyncio.Transport) -> None:
    """Tear the connection down: the client meets a reset (RST)."""
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Delivery:
    """An event that takes time, or ends the connection."""

    def __init__(self, client: Client, event: WireEvent, *, speed: float, done: Callable[[], None]) -> None:
        """`done` is called when all is out and the connection is as the event leaves it; never after `stop`."""
        self._client = client
        self._event = event
        self._speed = speed
        self._done = done
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()
        self._timer: asyncio.Handle | None = None
        self._parts: Iterator[_Part] = iter(())
        self._next: _Part | None = None
        self._is_held = False
        """Whether it waits for the client to take more."""

    def start(self, *more: tuple[str, str]) -> None:
        """Begin; `more` are headers of the door."""
        if isinstance(self._event, Answer):
            self._parts = _parts(self._event, framing.head(self._event, *more))
            self._pump()
        elif isinstance(self._event, Disconnect):
            if self._event.sent:
                self._client.write(self._event.sent)
            self._client.when_flushed(self._end)
        elif self._event.half_open:
            self._client.transport.pause_reading()

    def stop(self) -> None:
        """Send nothing more."""
        self._parts = iter(())
        self._done = _nothing
        if self._timer is not None:
            self._timer.cancel()

    def go_on(self) -> None:
        """The client takes more again."""
        if self._is_held:
            self._is_held = False
            self._pump()

    def _pump(self) -> None:
        """Send all that is due, as fast as the client takes it."""
        self._timer = None
        for _ in range(_TURN):
            is_all = self._write_some()
            if is_all:
                return
            if not self._client.is_writable:
                self._is_held = True
                return
        self._timer = self._loop.call_soon(self._pump)

    def _write_some(self) -> bool:
        """One write; returns whether there is nothing to do now but to wait, for a time or for good."""
        due: list[bytes] = []
        size = 0
        limit = self._loop.time() + _SAME_INSTANT
        part = self._next or next(self._parts, None)
        while part is not None and size < _WRITE:
            at = self._zero + part.at / self._speed
            if at > limit:
                break
            due.append(part.data)
            size += len(part.data)
            part = next(self._parts, None)
        self._next = part
        if size:
            self._client.write(b"".join(due))
        if part is None:
            self._client.when_flushed(self._end)
            return True
        if at > limit:
            self._timer = self._loop.call_at(at, self._pump)
            return True
        return False

    def _end(self) -> None:
        event = self._event
        if isinstance(event, Disconnect):
            _leave(self._client.transport, is_torn=event.kind != "closed")
        elif isinstance(event, Answer):
            if event.ending == "hang":
                return
            if event.ending != "complete" or framing_of(event) == "until close":
                _leave(self._client.transport, is_torn=event.ending == "reset")
        self._done()


def _parts(answer: Answer, head: bytes) -> Iterator[_Part]:
    """The bytes of an answer, each when it is due."""
    pace = answer.head_pace
    if pace:
        for place in range(len(head)):
            yield _Part(pace * (place + 1), head[place : place + 1])
    else:
        yield _Part(0.0, head)
    began = at = pace * len(head)
    for piece in framing.pieces_of(answer):
        at = began + piece.at
        yield _Part(at, framing.frame(answer, piece.data))
    yield _Part(at, framing.tail(answer))


def _leave(transport: asyncio.Transport, *, is_torn: bool) -> None:
    if is_torn:
        reset(transport)
    else:
        transport.close()


def _nothing() -> None:
    """The end of a delivery that was stopped."""
