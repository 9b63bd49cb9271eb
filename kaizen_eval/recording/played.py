"""A recorded exchange on its way to the client that asks for it again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from kaizen_eval.errors import CassetteMiss, RecordingError
from kaizen_eval.recording.exchange import Exchange, Piece
from kaizen_eval.recording.failures import raised
from kaizen_eval.recording.pace import Late, outlast, pacing
from kaizen_eval.recording.settings import CassetteSettings
from kaizen_eval.recording.streams import stream_of

__all__ = ["Playable", "Player"]


class Playable(Protocol):
    """As much of a cassette as playing needs."""

    @property
    def path(self) -> Path: ...

    @property
    def settings(self) -> CassetteSettings: ...

    def note(self, error: RecordingError) -> None: ...


class Player:
    """Plays one exchange, once, for a request that is sent now."""

    def __init__(self, http: ModuleType, cassette: Playable, request: Any, exchange: Exchange) -> None:
        """Raises:
        NeedsVirtualTime: it is to be played at the recorded pace, and time is real.
        """
        self._http = http
        self._cassette = cassette
        self._request = request
        self._exchange = exchange
        self._patience = _read_timeout(request)
        self._pacing = pacing(cassette.settings.pace, patience=self._patience)

    def response(self) -> Any:
        """What a synchronous client gets."""
        self.wait(self._head_at_us())
        return self._response()

    async def response_async(self) -> Any:
        """What an asynchronous client gets; where the recorded one gave up, this one has the time to."""
        if self._exchange.response is None and self._exchange.was_left:
            await self._outlast()
        await self.wait_async(self._head_at_us())
        return self._response()

    def pieces(self) -> Iterator[Piece]:
        """The body, and at its end what ended it; an empty piece says only when that is due."""
        exchange = self._exchange
        if exchange.response is not None:
            yield from exchange.response.pieces()
        if exchange.failure is not None:
            yield Piece(b"", exchange.failure.at_us)
        self._end()

    def wait(self, at_us: int) -> None:
        try:
            self._pacing.until_sync(at_us)
        except Late as late:
            raise self._timeout(late) from None

    async def wait_async(self, at_us: int) -> None:
        try:
            await self._pacing.until(at_us)
        except Late as late:
            raise self._timeout(late) from None

    def _head_at_us(self) -> int:
        exchange = self._exchange
        if exchange.response is not None:
            return exchange.response.at_us
        return 0 if exchange.failure is None else exchange.failure.at_us

    def _response(self) -> Any:
        recorded = self._exchange.response
        if recorded is None:
            self._end()
            raise AssertionError("an exchange without a response ends with a failure or is left")
        reason = self._http.codes.get_reason_phrase(recorded.status).encode("ascii")
        return self._http.Response(
            recorded.status,
            headers=list(recorded.headers),
            stream=stream_of(self._http, _Played)(self),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": reason},
        )

    def _end(self) -> None:
        """Raises: what ended the exchange when it was recorded, if anything did."""
        error: Exception | None = None
        if self._exchange.failure is not None:
            error = raised(self._http, self._exchange.failure, self._request)
        elif self._exchange.was_left:
            error = self._missed()
        if isinstance(error, CassetteMiss):
            self._cassette.note(error)
        if error is not None:
            raise error

    def _missed(self) -> CassetteMiss:
        response, request = self._exchange.response, self._exchange.request
        read = "before any answer came" if response is None else f"after {_counted(len(response.sizes), 'piece')}"
        return CassetteMiss(
            f"{request.method} {request.path}: the client that recorded this (exchange {self._exchange.slot}"
            f"{f' of lane {self._exchange.lane!r}' if self._exchange.lane else ''}) stopped reading {read}, and this "
            "one wants more; what would have followed is not known. Read no further, or record it anew.",
            path=str(self._cassette.path),
        )

    async def _outlast(self) -> None:
        try:
            await outlast(self._patience)
        except Late as late:
            raise self._timeout(late) from None

    def _timeout(self, late: Late) -> Exception:
        error: Exception = self._http.ReadTimeout(str(late), request=self._request)
        return error


class _Played:
    """The body of a recorded response."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def __iter__(self) -> Iterator[bytes]:
        for data, at_us in self._player.pieces():
            self._player.wait(at_us)
            if data:
                yield data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for data, at_us in self._player.pieces():
            await self._player.wait_async(at_us)
            if data:
                yield data

    def close(self) -> None:
        """Nothing is open."""

    async def aclose(self) -> None:
        """Nothing is open."""


def _read_timeout(request: Any) -> float | None:
    timeout = request.extensions.get("timeout", {}).get("read")
    return None if timeout is None else float(timeout)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
