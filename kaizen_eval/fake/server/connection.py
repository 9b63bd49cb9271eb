"""One client's connection: requests in, answers out, in the order asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from kaizen_eval.fake.server import refusals
from kaizen_eval.fake.server.answering import Answering, Send
from kaizen_eval.fake.server.incoming import Begun, HttpRequest, Incoming, Unacceptable
from kaizen_eval.fake.server.outgoing import Delivery, for_old, reset, whole
from kaizen_eval.fake.server.settings import ServerSettings
from kaizen_eval.fake.wire.events import Answer, WireEvent, framing_of

__all__ = ["Connection", "Service"]

_WAITING = 8
"""Requests that may wait for their turn on one connection before it is read no further."""
_CLOSE = ("connection", "close")
_KEEP = ("connection", "keep-alive")


class Service(Protocol):
    """Who answers."""

    settings: ServerSettings

    def asked(self, request: HttpRequest, send: Send) -> Answering: ...

    def refused(self, refused: Unacceptable, begun: Begun, size: int) -> None:
        """Something came that is no request that could be answered; `size` are the bytes of what it is told."""
        ...

    def came(self, connection: Connection) -> None: ...

    def left(self, connection: Connection) -> None: ...

    def after_this_turn(self, do: Callable[[], None]) -> None:
        """Do this once all that has come in by now is answered, before anything else comes in."""
        ...


class Connection(asyncio.Protocol):
    """From accept to close."""

    transport: asyncio.Transport

    def __init__(self, service: Service) -> None:
        self.is_writable = True
        self._service = service
        self._settings = service.settings
        self._loop = asyncio.get_running_loop()
        self._incoming = Incoming(service.settings, on_continue=self._continue)
        self._request: HttpRequest | None = None
        self._answering: Answering | None = None
        self._delivery: Delivery | None = None
        self._flushed: Callable[[], None] | None = None
        self._since = self._loop.time()
        """When the stage began that the incoming request is in."""
        self._is_going_on = False
        self._is_reading = True
        self._lingers = False
        self._held = b""
        """A response that goes out at the end of this turn of the loop."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self.transport = transport
        self._service.came(self)

    def data_received(self, data: bytes) -> None:
        if self._lingers:
            return
        incoming, stage = self._incoming, self._incoming.stage
        incoming.feed(data)
        if incoming.ready or incoming.stage != stage:
            self._since = self._loop.time()
        self._go_on()

    def eof_received(self) -> None:
        """A client that sends no more is taken to have gone."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it was lost, it is
        self._service.left(self)
        self._held = b""
        if self._delivery is not None:
            self._delivery.stop()
        if self._answering is not None:
            self._answering.gone()
        self._answering = self._delivery = None
        self._incoming.ready.clear()

    def pause_writing(self) -> None:
        self.is_writable = False

    def resume_writing(self) -> None:
        self.is_writable = True
        if (flushed := self._flushed) is not None:
            self._flushed = None
            self.transport.set_write_buffer_limits()
            flushed()
        elif self._delivery is not None:
            self._delivery.go_on()
        else:
            self._go_on()

    def write(self, data: bytes, *, is_last: bool = False) -> None:
        """What is last is in the journal before a client can have it."""
        answering = self._answering
        if answering is not None:
            answering.wrote(len(data))
            if is_last:
                answering.finished()
        if data:
            self.transport.write(data)

    def _write_whole(self, data: bytes) -> None:
        """A response, held until others that are ready are written, too.

        They go out one right after the other: a client that is woken up by each one costs us more than the answer.
        """
        if (answering := self._answering) is not None:
            answering.wrote(len(data))
            answering.finished()
        self._held = data
        self._service.after_this_turn(self._send_held)

    def _send_held(self) -> None:
        if self._held:
            self.transport.write(self._held)
            self._held = b""

    def when_flushed(self, do: Callable[[], None]) -> None:
        if not self.transport.get_write_buffer_size():
            do()
            return
        self._flushed = do
        self.transport.set_write_buffer_limits(high=0)

    def close(self) -> None:
        """The server stops: whatever is under way ends here."""
        self._send_held()
        self.transport.abort()

    def check_patience(self, now: float) -> None:
        """Let go of a client that takes too long."""
        if self._lingers:
            if now - self._since > self._settings.linger_seconds:
                reset(self.transport)
        elif self._answering is None and now - self._since > self._patience():
            if self._incoming.stage == "idle":
                self.transport.close()
            else:
                self._refuse(Unacceptable(408, "The request did not arrive in time."))

    def _patience(self) -> float:
        settings = self._settings
        limits = {"idle": settings.idle_seconds, "head": settings.head_seconds, "body": settings.body_seconds}
        return limits[self._incoming.stage]

    def _continue(self) -> None:
        if self._answering is None and not self._incoming.ready:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _go_on(self) -> None:
        """Answer what is ready, one after the other."""
        if self._is_going_on:
            return
        self._is_going_on = True
        incoming = self._incoming
        while incoming.ready and self._answering is None and self.is_writable and not self.transport.is_closing():
            self._serve(incoming.ready.popleft())
        self._is_going_on = False
        if incoming.refused is not None and not incoming.ready and self._answering is None:
            self._refuse(incoming.refused)
        self._read_or_not()

    def _read_or_not(self) -> None:
        is_wanted = len(self._incoming.ready) <= _WAITING
        if is_wanted != self._is_reading and not self.transport.is_closing():
            self._is_reading = is_wanted
            (self.transport.resume_reading if is_wanted else self.transport.pause_reading)()

    def _serve(self, request: HttpRequest) -> None:
        self._send_held()
        self._request = request
        self._answering = self._service.asked(request, self._send)
        event = self._answering.begin()
        if isinstance(event, bytes):
            self._write_whole(event)
            self._finish()
        elif event is not None:
            self._send(event)

    def _send(self, event: WireEvent) -> None:
        request = self._request
        assert request is not None  # noqa: S101 - for the type checker
        if isinstance(event, Answer):
            event = _fitted(event, request)
            data = whole(event, is_head_only=request.method == "HEAD")
            if data is not None:
                self._write_whole(data)
                self._finish()
                return
        self._delivery = Delivery(self, event, speed=self._settings.speed, done=self._finish)
        self._delivery.start()

    def _finish(self) -> None:
        self._answering = self._delivery = None
        self._since = self._loop.time()
        if self._request is not None and not self._request.stays:
            self._send_held()
            self.transport.close()
        self._go_on()

    def _refuse(self, refused: Unacceptable) -> None:
        """Answer, and read on for a while: closed at once, a client that still sends would not see the answer."""
        if self._lingers or self.transport.is_closing():
            return
        self._lingers = True
        self._since = self._loop.time()
        answer = refusals.refused(refused.status, refused.message)
        data = whole(_with(answer, _CLOSE)) or b""
        self._service.refused(refused, self._incoming.begun(), len(data))
        self._send_held()
        self.transport.write(data)
        self.transport.write_eof()


def _fitted(answer: Answer, request: HttpRequest) -> Answer:
    """As this client understands it."""
    if request.is_old:
        answer = for_old(answer)
    if request.method == "HEAD" and not isinstance(answer.body, bytes):
        answer = replace(answer, body=b"", framing=None)
    if not request.stays:
        return answer if framing_of(answer) == "until close" else _with(answer, _CLOSE)
    return _with(answer, _KEEP) if request.is_old and framing_of(answer) == "length" else answer


def _with(answer: Answer, header: tuple[str, str]) -> Answer:
    return replace(answer, headers=(*answer.headers, header))
