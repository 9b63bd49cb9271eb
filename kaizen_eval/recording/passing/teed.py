"""A response on its way from the service to its client, told to a take as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any

from kaizen_eval.recording.passing.asked import Taking
from kaizen_eval.recording.passing.decompression import PLAIN, Decoder, Undecodable, acceptable, decoder_for
from kaizen_eval.recording.passing.failures import GAVE_UP, name_of
from kaizen_eval.recording.passing.streams import stream_of

__all__ = ["readable", "teed", "tell_failure", "telling"]

_LAST_EVENT = b"data: [DONE]"
"""What follows it is the connection's alone, and clients stop reading here."""

_OF_THE_WIRE = {"content-length", "transfer-encoding"}


def readable(http: ModuleType, request: Any) -> Any:
    """The request, asking for no compression that could not be taken off."""
    asked = request.headers.get("accept-encoding")
    if asked is None or (accepted := acceptable(asked)) == asked:
        return request
    headers = request.headers.copy()
    headers["accept-encoding"] = accepted
    return http.Request(
        request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
    )


@contextmanager
def telling(http: ModuleType, take: Taking, is_whole: Callable[[], bool] | None = None) -> Iterator[None]:
    """What is raised ends the take; but if all came, nothing does that stops its client."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, Exception) or is_whole is None or not is_whole():
            tell_failure(take, error, partial(name_of, http))
        raise


def tell_failure(take: Taking, error: BaseException, named: Callable[[Exception], str]) -> None:
    """What the client will raise; a client that was stopped has left, or has given up if that was its own wish."""
    if isinstance(error, asyncio.CancelledError):
        take.fail(GAVE_UP, "whoever asked waited no longer")
    elif isinstance(error, Exception):
        take.fail(named(error), str(error))
    else:
        take.leave()


def teed(http: ModuleType, request: Any, response: Any, take: Taking) -> Any:
    """The response as its client gets it: as it comes, but decompressed."""
    headers = response.headers.multi_items()
    decoder = decoder_for(response.headers.get("content-encoding", ""))
    dropped = _OF_THE_WIRE if decoder is None else {*_OF_THE_WIRE, "content-encoding"}
    kept = [(name, value) for name, value in headers if name not in dropped]
    take.head(response.status_code, tuple(kept))
    body = stream_of(http, _Teed)(http, response.stream, decoder or PLAIN, take, _length(request, response))
    return http.Response(response.status_code, headers=kept, stream=body, extensions=response.extensions)


class _Teed:
    """Its body."""

    def __init__(self, http: ModuleType, stream: Any, decoder: Decoder, take: Taking, length: int | None) -> None:
        """Args:
        length: bytes that are to come, compressed; None where only their end will tell.
        """
        self._http = http
        self._stream = stream
        self._decoder = decoder
        self._take = take
        self._missing = length
        self._tail = b""

    def __iter__(self) -> Iterator[bytes]:
        with telling(self._http, self._take, self._ended):
            for data in self._stream:
                yield from self._pieces(data)
            yield from self._rest()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with telling(self._http, self._take, self._ended):
            async for data in self._stream:
                for piece in self._pieces(data):
                    yield piece
            for piece in self._rest():
                yield piece

    def close(self) -> None:
        try:
            self._left()
        finally:
            self._stream.close()

    async def aclose(self) -> None:
        try:
            self._left()  # first: closing may be cancelled
        finally:
            await self._stream.aclose()

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        if self._missing is not None:
            self._missing -= len(data)
        try:
            yield from map(self._told, self._decoder.feed(data))
        except Undecodable as error:
            raise self._http.DecodingError(str(error)) from error

    def _rest(self) -> Iterator[bytes]:
        try:
            yield from map(self._told, self._decoder.rest())
        except Undecodable as error:
            raise self._http.DecodingError(str(error)) from error
        self._take.end()

    def _told(self, piece: bytes) -> bytes:
        self._take.piece(piece)
        self._tail = (self._tail + piece)[-len(_LAST_EVENT) - 4 :] if len(piece) < 32 else piece[-32:]
        return piece

    def _left(self) -> None:
        """The client wants no more."""
        if not self._ended():
            self._take.leave()

    def _ended(self) -> bool:
        """Whether nothing more was to come: then it came whole, though nobody saw its end."""
        if self._missing == 0 or self._tail.rstrip().endswith(_LAST_EVENT):
            self._take.end()
            return True
        return False


def _length(request: Any, response: Any) -> int | None:
    if request.method == "HEAD" or response.status_code in {204, 304}:
        return 0
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None
