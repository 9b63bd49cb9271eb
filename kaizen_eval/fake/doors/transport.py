"""The transport under the real OpenAI SDK: plays what the fake decided as an HTTP exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping

import httpx2

from kaizen_eval.bridge import run
from kaizen_eval.errors import AttemptTimeout
from kaizen_eval.fake.client.heard import heard, is_stream
from kaizen_eval.fake.client.reader import Lost, is_plain
from kaizen_eval.fake.client.received import error_name
from kaizen_eval.fake.client.unpacking import is_encoded
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.doors.parts import Parts, parts_of
from kaizen_eval.fake.front.front import Front, TurnedAway, Visit
from kaizen_eval.fake.journal.exchange import CANCELLED
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.events import Answer, WireEvent
from kaizen_eval.fake.wire.framing import pieces_of

__all__ = ["FakeTransport"]

_ERRORS: Mapping[str, type[httpx2.TransportError]] = {
    error.__name__: error
    for error in (httpx2.ConnectError, httpx2.ReadError, httpx2.ReadTimeout, httpx2.RemoteProtocolError)
}


class FakeTransport(httpx2.AsyncBaseTransport, httpx2.BaseTransport):
    """Answers as the service would; of a request's headers the key is not kept.

    A synchronous client is answered on the background loop, on virtual time where time is virtual.
    """

    def __init__(self, desk: Desk, *, model: str) -> None:
        self._front = Front(desk, model=model)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._handle(request, await request.aread())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        body = request.read()
        return run(lambda: self._handle(request, body))

    async def _handle(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        path = request.url.raw_path.decode("ascii")
        visit = self._front.receive(request.method, path, request.headers, body)
        if isinstance(visit, Answer):
            return _response(visit)
        visit.opened.door = "sdk"
        if isinstance(visit, TurnedAway):
            self._front.desk.close(visit.opened)
            return _response(visit.answer)
        return await self._exchange(visit, _read_timeout(request))

    async def _exchange(self, visit: Visit, patience: float | None) -> httpx2.Response:
        wire = _Wire(self._front, visit, patience)
        try:
            return await wire.play()
        except BaseException as error:
            wire.close(error)
            raise


class _Wire:
    """One exchange on its way to the client."""

    def __init__(self, front: Front, visit: Visit, patience: float | None) -> None:
        self._front = front
        self._visit = visit
        self._opened = visit.opened
        self.patience = patience
        """Seconds that the client waits for each part."""
        self._stream: Answer | None = None
        """What is read as a stream of a chat."""
        self._is_sound = True
        """Whether nothing happens to it on its way."""
        self._parts: Parts | None = None

    @property
    def is_stream(self) -> bool:
        return self._stream is not None

    async def play(self) -> httpx2.Response:
        event = await self._event()
        if not (isinstance(event, Answer) and is_plain(event)):
            return await self._read(event)
        is_at_hand = isinstance(event.body, bytes) and event.ending == "complete" and not is_encoded(event.headers)
        if is_at_hand and self._stream is None:
            self.close()
            return _response(event)
        return httpx2.Response(event.status, headers=list(event.headers), stream=self._body(event))

    async def _event(self) -> WireEvent:
        scope = asyncio.timeout(self.patience)
        try:
            async with scope:
                outcome = await self._front.desk.outcome(self._opened)
        except TimeoutError:
            if scope.expired():
                raise self.lost(Lost("ReadTimeout", f"no answer within {self.patience:g} s")) from None
            raise
        event = self._front.answer(self._visit, outcome)
        self._opened.error = error_name(event, self._opened.inquiry)
        if is_stream(event, self._opened.inquiry):
            self._stream = event
            self._is_sound = outcome.spoiling is None and isinstance(outcome.event, Completion)
        return event

    async def _read(self, event: WireEvent) -> httpx2.Response:
        body = self._body(event)
        try:
            head = await body.parts.head(self.patience)
        except Lost as lost:
            raise self.lost(lost) from None
        return httpx2.Response(head.status, headers=head.headers, stream=body)

    def _body(self, event: WireEvent) -> _Body:
        self._parts = parts_of(event)
        return _Body(self, self._parts)

    def lost(self, lost: Lost) -> httpx2.TransportError:
        """The HTTP client's error for it."""
        if lost.error == "ReadTimeout":
            self._opened.error = AttemptTimeout.__name__
        return _ERRORS[lost.error](lost.words)

    def leave(self) -> None:
        """The client wants no more, though there is more."""
        if self._stream is None and self._opened.ended_ns is None and self._opened.outcome == "reply":
            self._opened.outcome = CANCELLED
        self.close(asyncio.CancelledError())

    def end(self) -> None:
        """The client has all."""
        if not self._is_sound:
            self._settle(has_ended=True)
        self._front.desk.close(self._opened)

    def close(self, error: BaseException | None = None) -> None:
        """The client gets no more."""
        if self._opened.ended_ns is not None:
            return
        if self.is_stream and self._parts is not None:
            self._settle(left=_left(error))
            error = None
        self._front.desk.close(self._opened, error)

    def _settle(self, *, has_ended: bool = False, left: str | None = None) -> None:
        if self._stream is not None and self._parts is not None:
            met = heard(self._parts.taken(), self._stream.headers, has_ended=has_ended)
            self._front.desk.settle(self._opened, met, left=left)


class _Body(httpx2.AsyncByteStream, httpx2.SyncByteStream):
    """A body as it comes, part by part, and what comes after it."""

    def __init__(self, wire: _Wire, parts: Parts) -> None:
        self._wire = wire
        self.parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (part := await self._next()) is not None:
            yield part

    def __iter__(self) -> Iterator[bytes]:
        while (part := run(self._next)) is not None:
            yield part

    async def _next(self) -> bytes | None:
        try:
            part = await self.parts.next(self._wire.patience)
        except Lost as lost:
            error = self._wire.lost(lost)
            self._wire.close(error)
            raise error from None
        except BaseException as error:
            self._wire.close(error)
            raise
        if part is None:
            self._wire.end()
        return part

    async def aclose(self) -> None:
        self.close()

    def close(self) -> None:
        if self._wire.is_stream:
            self._wire.leave()
        elif self.parts.is_over():
            self._wire.close()
        else:
            self._wire.leave()


def _left(error: BaseException | None) -> str | None:
    """The class of what a client leaves with; None where it did not choose to."""
    if isinstance(error, httpx2.ReadTimeout):
        return AttemptTimeout.__name__
    return None if error is None or isinstance(error, httpx2.TransportError) else type(error).__name__


def _read_timeout(request: httpx2.Request) -> float | None:
    timeout = request.extensions.get("timeout", {}).get("read")
    return None if timeout is None else float(timeout)


def _response(answer: Answer) -> httpx2.Response:
    """One that is whole."""
    body = b"".join(piece.data for piece in pieces_of(answer))
    return httpx2.Response(answer.status, headers=list(answer.headers), content=body)
