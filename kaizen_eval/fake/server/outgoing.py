"""One answer on its way out: each part at its time, no more than the client takes, and the ending that was decided."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Literal, Protocol

from kaizen_eval.fake.wire import framing
from kaizen_eval.fake.wire.course import Arriving, Then, course
from kaizen_eval.fake.wire.events import Answer, Hang, WireEvent, framing_of

__all__ = ["Client", "Delivery", "for_old", "reset", "whole"]

_WRITE = 65_536
"""Bytes that are joined for one write, at the least."""
_TURN = 16
"""Writes after which other connections have their turn."""
_Then = Then | Literal["done"]
_SAME_INSTANT = 0.000_5
"""Seconds within which parts share a write."""
_LOOK = 0.5
"""Seconds between two looks at whether a client whose connection hangs half open is still there."""


class Client(Protocol):
    """What a delivery knows of the connection that it goes to."""

    transport: asyncio.Transport
    is_writable: bool
    """False while the client takes less than it is sent."""

    def write(self, data: bytes, *, is_last: bool = False) -> None: ...

    def when_flushed(self, do: Callable[[], None]) -> None:
        """Do this once all that was written is with the operating system."""
        ...


def whole(answer: Answer, *, is_head_only: bool = False) -> bytes | None:
    """Head and body, where they are nothing but that; None where the answer needs a delivery."""
    body = answer.body
    if not isinstance(body, bytes) or answer.ending != "complete" or answer.framing is not None or answer.head_pace:
        return None
    head = framing.head(answer)
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
        self._course: Iterator[Arriving] = course(event)
        self._next: Arriving | None = None
        self._is_held = False
        """Whether it waits for the client to take more."""

    def start(self) -> None:
        """Begin."""
        self._pump()
        if isinstance(self._event, Hang) and self._event.half_open:
            self._client.transport.pause_reading()
            self._look()

    def stop(self) -> None:
        """Send nothing more."""
        self._done = _nothing
        if self._timer is not None:
            self._timer.cancel()

    def go_on(self) -> None:
        """The client takes more again."""
        if self._is_held:
            self._is_held = False
            self._pump()

    def _look(self) -> None:
        """Where nothing is read, nobody tells us that the client has left."""
        transport = self._client.transport
        if _has_left(transport):
            transport.abort()
        else:
            self._timer = self._loop.call_later(_LOOK, self._look)

    def _pump(self) -> None:
        """Send all that is due, as fast as the client takes it."""
        self._timer = None
        for _ in range(_TURN):
            if not self._write_some() or self._client.transport.is_closing():
                return
            if not self._client.is_writable:
                self._is_held = True
                return
        self._timer = self._loop.call_soon(self._pump)

    def _write_some(self) -> bool:
        """One write; returns whether there may be more to do now."""
        due: list[bytes] = []
        size = 0
        limit = self._loop.time() + _SAME_INSTANT
        arriving = self._next or next(self._course)
        while arriving.then == "more" and size < _WRITE and self._at(arriving) <= limit:
            due.append(arriving.data)
            size += len(arriving.data)
            arriving = next(self._course)
        self._next = arriving
        then = self._then(arriving)
        if due or then != "more":
            self._client.write(b"".join(due), is_last=then not in {"more", "silence"})
        if then != "more":
            self._client.when_flushed(partial(self._end, then))
            return False
        if self._at(arriving) > limit:
            self._timer = self._loop.call_at(self._at(arriving), self._pump)
            return False
        return True

    def _at(self, arriving: Arriving) -> float:
        return self._zero + arriving.at / self._speed

    def _then(self, arriving: Arriving) -> _Then:
        """What follows, with the silence after a complete answer told from that of one that hangs."""
        is_whole = isinstance(self._event, Answer) and self._event.ending != "hang"
        return "done" if arriving.then == "silence" and is_whole else arriving.then

    def _end(self, then: _Then) -> None:
        """What comes after the last byte."""
        if then == "silence":
            return
        if then == "closed":
            self._client.transport.close()
        elif then != "done":
            reset(self._client.transport)
        self._done()


def _has_left(transport: asyncio.Transport) -> bool:
    """Whether the end of what the client sends is next, without taking anything."""
    sock: socket.socket = transport.get_extra_info("socket")
    with socket.socket(fileno=os.dup(sock.fileno())) as same:
        try:
            return not same.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True


def _nothing() -> None:
    """The end of a delivery that was stopped."""
