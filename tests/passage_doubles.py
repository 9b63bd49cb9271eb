"""A cassette in memory, and a service that answers exactly as it is told, for clients of httpx and httpx2."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple

from kaizen_eval.errors import CassetteMiss, RecordingError
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import (
    Exchange,
    Headers,
    Piece,
    RawRequest,
    RecordedRequest,
    RecordedResponse,
)
from kaizen_eval.recording.passing import passage
from kaizen_eval.recording.settings import CassetteSettings
from kaizen_eval.recording.writing.take import Place, Take
from kaizen_eval.resilience.clock import now_ns

__all__ = ["Client", "Reel", "Told", "Turn", "client_of", "seen", "seen_async"]


class Turn(NamedTuple):
    play: Exchange | None
    take: Take | None


class _AsItIs:
    """Redacts nothing."""

    def request(self, raw: RawRequest) -> RecordedRequest:
        return RecordedRequest(raw.method, raw.url, body=Body(raw.body))

    def response(self, status: int, headers: Headers, pieces: Sequence[Piece], at_us: int) -> RecordedResponse:
        data = b"".join(piece.data for piece in pieces)
        sizes, offsets = tuple(len(piece.data) for piece in pieces), tuple(piece.at_us for piece in pieces)
        return RecordedResponse(status, headers, Body(data), sizes, offsets, at_us)

    def text(self, text: str) -> str:
        return text


@dataclass
class Reel:
    """A cassette that never meets a file; requests are the same when method, URL and body are."""

    settings: CassetteSettings = field(default_factory=CassetteSettings)
    exchanges: list[Exchange] = field(default_factory=list)
    asked: list[RawRequest] = field(default_factory=list)
    path: str = "reel.yaml"
    noted: list[str] = field(default_factory=list)
    """The misses that it was told of."""
    endings: list[bool] = field(default_factory=list)
    """What `close` was told."""
    error: Exception | None = None
    """What `close` raises."""

    @property
    def mode(self) -> str:
        return self.settings.mode

    def as_replay(self, **settings: Any) -> Reel:
        return Reel(CassetteSettings(mode="replay", **settings), list(self.exchanges))

    def begin(self, raw: RawRequest) -> Turn:
        self.asked.append(raw)
        play = self._found(raw) if self.mode in {"replay", "verify"} else None
        return Turn(play, None if self.mode in {"replay", "live"} else self._take(raw))

    def note(self, error: RecordingError) -> None:
        self.noted.append(str(error))

    def close(self, *, passed: bool) -> None:
        self.endings.append(passed)
        if self.error is not None:
            raise self.error

    def _found(self, raw: RawRequest) -> Exchange:
        for exchange in self.exchanges:
            if exchange.request == _AsItIs().request(raw):
                self.exchanges.remove(exchange)
                return exchange
        raise CassetteMiss(f"nothing for {raw.url}")

    def _take(self, raw: RawRequest) -> Take:
        place = Place("", len(self.asked), raw.url, _AsItIs().request(raw), 0)
        return Take(place, lambda _, exchange: self.exchanges.append(exchange), redactor=_AsItIs(), clock=now_ns)


@dataclass
class Told:
    """What a service answers: a head, pieces, and an error by its name, or none."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", "text/plain"),)
    pieces: tuple[bytes, ...] = ()
    error: str | None = None
    has_head: bool = True
    is_closed: bool = False
    sent: list[Any] = field(default_factory=list)
    """The requests as they came."""

    def answer(self, http: ModuleType, request: Any) -> Any:
        self.sent.append(request)
        if not self.has_head:
            raise getattr(http, self.error or "ReadError")("as told", request=request)
        kind = type("ToldBody", (_ToldBody, http.SyncByteStream, http.AsyncByteStream), {})
        return http.Response(self.status, headers=list(self.headers), stream=kind(http, self))


class _ToldBody:
    def __init__(self, http: ModuleType, told: Told) -> None:
        self._http = http
        self._told = told

    def __iter__(self) -> Iterator[bytes]:
        yield from self._told.pieces
        if self._told.error:
            raise getattr(self._http, self._told.error)("as told")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self._told.is_closed = True

    async def aclose(self) -> None:
        self.close()


@dataclass
class Client:
    """Clients of one module, whose requests pass through a cassette to a service; without one, straight to it."""

    http: ModuleType
    cassette: Reel | None
    told: Told

    def sync(self) -> Any:
        return self.http.Client(transport=client_of(self.http, self._handle, self._handle_async))

    def asynchronous(self) -> Any:
        return self.http.AsyncClient(transport=client_of(self.http, self._handle, self._handle_async))

    def _handle(self, request: Any) -> Any:
        if self.cassette is None:
            return self._send(request)
        return passage.handle(self.http, self.cassette, request, self._send)

    async def _handle_async(self, request: Any) -> Any:
        if self.cassette is None:
            return self._send(request)
        return await passage.handle_async(self.http, self.cassette, request, self._send_async)

    def _send(self, request: Any) -> Any:
        return self.told.answer(self.http, request)

    async def _send_async(self, request: Any) -> Any:
        return self._send(request)


def client_of(http: ModuleType, handle: Callable[[Any], Any], handle_async: Callable[[Any], Any]) -> Any:
    """A transport of that module."""

    class Transport(http.BaseTransport, http.AsyncBaseTransport):
        def handle_request(self, request: Any) -> Any:
            return handle(request)

        async def handle_async_request(self, request: Any) -> Any:
            return await handle_async(request)

    return Transport()


def seen(client: Any, *, read: int | None = None) -> list[Any]:
    """All that a synchronous client sees: status and type, each chunk, and what is raised, in this order.

    Args:
        read: how many chunks it reads before it leaves; None reads all.
    """
    saw: list[Any] = []
    try:
        with client, client.stream("POST", "http://service.invalid/v1/ask", content=b"question") as response:
            saw.append((response.status_code, response.headers.get("content-type")))
            for number, chunk in enumerate(response.iter_bytes(), start=1):
                saw.append(chunk)
                if number == read:
                    break
    except Exception as error:  # noqa: BLE001 - what is raised is what is compared
        saw.append((type(error), str(error)))
    return saw


async def seen_async(client: Any, *, read: int | None = None) -> list[Any]:
    """All that an asynchronous client sees; see `seen`."""
    saw: list[Any] = []
    try:
        async with client, client.stream("POST", "http://service.invalid/v1/ask", content=b"question") as response:
            saw.append((response.status_code, response.headers.get("content-type")))
            number = 0
            async for chunk in response.aiter_bytes():
                saw.append(chunk)
                number += 1
                if number == read:
                    break
    except Exception as error:  # noqa: BLE001 - what is raised is what is compared
        saw.append((type(error), str(error)))
    return saw
