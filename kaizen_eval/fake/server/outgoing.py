"""One answer on its way out: each part at its time, no more than the client takes, and the ending that was decided."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Protocol

from kaizen_eval.fake.wire import framing
from kaizen_eval.fake.wire.course import Arriving, course
from kaizen_eval.fake.wire.events import Answer, Hang, WireEvent, framing_of

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
        if isinstance(self._event, Hang) and self._event.half_open:
            self._client.transport.pause_reading()
        self._pump()

    def stop(self) -> None:
        """Send nothing more."""
        self._course = iter(())
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
        while size < _WRITE:
            arriving = self._next or next(self._course, None)
            self._next = None
            if arriving is None or arriving.then != "more":
                self._write(due)
                self._client.when_flushed(partial(self._end, arriving))
                return True
            at = self._zero + arriving.at / self._speed
            if at > limit:
                self._next = arriving
                self._write(due)
                self._timer = self._loop.call_at(at, self._pump)
                return True
            due.append(arriving.data)
            size += len(arriving.data)
        self._write(due)
        return False

    def _write(self, due: list[bytes]) -> None:
        if due:
            self._client.write(b"".join(due))

    def _end(self, last: Arriving | None) -> None:
        """What comes after the last byte; `last` is None where the delivery was stopped."""
        match None if last is None else last.then:
            case "closed":
                self._client.transport.close()
            case "reset" | "refused":
                reset(self._client.transport)
            case "silence" if not isinstance(self._event, Answer) or self._event.ending == "hang":
                return
        self._done()


def _nothing() -> None:
    """The end of a delivery that was stopped."""
