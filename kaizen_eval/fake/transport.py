"""The transport under the real OpenAI SDK: plays what the fake decided as an HTTP exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import NoReturn

import httpx2

from kaizen_eval.errors import AttemptTimeout
from kaizen_eval.fake import direct
from kaizen_eval.fake.desk import Desk
from kaizen_eval.fake.front import Front, Visit
from kaizen_eval.fake.wire.events import Answer, Disconnect, Hang, Piece, WireEvent
from kaizen_eval.resilience.clock import sleep

__all__ = ["FakeTransport"]


class FakeTransport(httpx2.AsyncBaseTransport):
    """Answers as the service would; of a request's headers the key is not kept."""

    def __init__(self, desk: Desk, *, model: str) -> None:
        self._front = Front(desk, model=model)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.raw_path.decode("ascii")
        visit = self._front.receive(request.method, path, request.headers, await request.aread())
        if isinstance(visit, Answer):
            return _response(visit)
        return await self._exchange(visit, _read_timeout(request))

    async def _exchange(self, visit: Visit, patience: float | None) -> httpx2.Response:
        desk = self._front.desk
        wire = _Wire(self._front, visit, patience)
        try:
            response = await wire.play()
        except BaseException as error:
            desk.close(visit.opened, error)
            raise
        if wire.finished:
            desk.close(visit.opened)
        return response


class _Wire:
    """One exchange on its way to the client."""

    def __init__(self, front: Front, visit: Visit, patience: float | None) -> None:
        self.finished = True
        """False while the body, read later, decides how the exchange ends."""
        self._front = front
        self._visit = visit
        self._opened = visit.opened
        self._patience = patience

    async def play(self) -> httpx2.Response:
        scope = asyncio.timeout(self._patience)
        try:
            async with scope:
                outcome = await self._front.desk.outcome(self._opened)
        except TimeoutError:
            if scope.expired():
                self._give_up()
            raise
        event = self._front.answer(self._visit, outcome)
        self._opened.error = direct.error_name(event, self._opened.inquiry)
        return await self._event(event)

    async def _event(self, event: WireEvent) -> httpx2.Response:
        if isinstance(event, Hang):
            await self.silence()
        if isinstance(event, Disconnect):
            raise _lost(event.kind)
        if event.ending == "complete" and isinstance(event.body, bytes):
            return _response(event)
        self.finished = False
        return _response(event, _Body(self, event))

    async def silence(self) -> NoReturn:
        """Nothing more, until the client's read timeout."""
        if self._patience is None:
            await direct.hang()
        await sleep(self._patience or 0)
        self._give_up()

    def close(self, error: BaseException | None = None) -> None:
        self._front.desk.close(self._opened, error)

    def _give_up(self) -> NoReturn:
        self._opened.error = AttemptTimeout.__name__
        raise httpx2.ReadTimeout(f"no answer within {self._patience:g} s")


class _Body(httpx2.AsyncByteStream):
    """A body as it comes, piece by piece, and what comes after it."""

    def __init__(self, wire: _Wire, answer: Answer) -> None:
        self._wire = wire
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            passed = 0.0
            for piece in self._pieces():
                if piece.at > passed:
                    await sleep(piece.at - passed)
                    passed = piece.at
                yield piece.data
            await self._end()
        except BaseException as error:
            self._wire.close(error)
            raise

    def _pieces(self) -> Iterable[Piece]:
        return (Piece(self._answer.body),) if isinstance(self._answer.body, bytes) else self._answer.body

    async def _end(self) -> None:
        if self._answer.ending == "hang":
            await self._wire.silence()
        if self._answer.ending != "complete":
            raise _lost(self._answer.ending)

    async def aclose(self) -> None:
        self._wire.close()


def _lost(kind: str) -> httpx2.TransportError:
    """The HTTP client's error for a connection that is lost this way."""
    name, words = direct.LOST[kind]
    kinds = (httpx2.ConnectError, httpx2.ReadError, httpx2.RemoteProtocolError)
    return {error.__name__: error for error in kinds}[name](words)


def _read_timeout(request: httpx2.Request) -> float | None:
    timeout = request.extensions.get("timeout", {}).get("read")
    return None if timeout is None else float(timeout)


def _response(answer: Answer, stream: httpx2.AsyncByteStream | None = None) -> httpx2.Response:
    headers = list(answer.headers)
    if stream is None and isinstance(answer.body, bytes):
        return httpx2.Response(answer.status, headers=headers, content=answer.body)
    return httpx2.Response(answer.status, headers=headers, stream=stream)
