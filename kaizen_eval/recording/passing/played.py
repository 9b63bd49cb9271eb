"""A recorded exchange on its way to the client that asks for it again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording.exchange import Exchange, Piece
from kaizen_eval.recording.passing.asked import Paced
from kaizen_eval.recording.passing.failures import gave_up, raised, unread
from kaizen_eval.recording.passing.pace import Late, outlast, pacing
from kaizen_eval.recording.passing.streams import stream_of

__all__ = ["Player"]


class Player:
    """Plays one exchange, once, for a request that is sent now."""

    def __init__(self, http: ModuleType, cassette: Paced, request: Any, exchange: Exchange) -> None:
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
        if self._exchange.response is None:
            self.end()
        self.wait(self._exchange.response.at_us if self._exchange.response else 0)
        return self._response()

    async def response_async(self) -> Any:
        """What an asynchronous client gets."""
        if self._exchange.response is None:
            await self.end_async()
        await self.wait_async(self._exchange.response.at_us if self._exchange.response else 0)
        return self._response()

    def pieces(self) -> Iterator[Piece]:
        """The body, as far as it came."""
        response = self._exchange.response
        return iter(()) if response is None else response.pieces()

    def end(self) -> None:
        """Raises: what ended the exchange when it was recorded, if anything did."""
        if self._exchange.failure is not None:
            self.wait(self._exchange.failure.at_us)
        self._end()

    async def end_async(self) -> None:
        """The same, for asynchronous code; where the recorded caller gave up, this one has the time to."""
        if self._exchange.failure is not None:
            await self.wait_async(self._exchange.failure.at_us)
        if gave_up(self._exchange):
            await self._outlast()
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

    def _response(self) -> Any:
        recorded = self._exchange.response
        assert recorded is not None  # noqa: S101 - else what ended it has been raised
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
        if gave_up(self._exchange) or self._exchange.was_left:
            error = unread(self._exchange, str(self._cassette.path))
        elif self._exchange.failure is not None:
            error = raised(self._http, self._exchange.failure, self._request)
        if isinstance(error, CassetteMiss):
            self._cassette.note(error)
        if error is not None:
            raise error

    async def _outlast(self) -> None:
        try:
            await outlast(self._patience, after_us=failure.at_us if (failure := self._exchange.failure) else 0)
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
            yield data
        self._player.end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for data, at_us in self._player.pieces():
            await self._player.wait_async(at_us)
            yield data
        await self._player.end_async()

    def close(self) -> None:
        """Nothing is open."""

    async def aclose(self) -> None:
        """Nothing is open."""


def _read_timeout(request: Any) -> float | None:
    timeout = request.extensions.get("timeout", {}).get("read")
    return None if timeout is None else float(timeout)
