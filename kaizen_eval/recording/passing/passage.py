"""A request of httpx or httpx2 on its way through a cassette: answered from it, recorded, or both.

`http` is the client's module: both are written alike, and neither is loaded here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

from kaizen_eval.recording.exchange import Exchange, RawRequest
from kaizen_eval.recording.passing.asked import Paced, Taking
from kaizen_eval.recording.passing.decompression import unpacked
from kaizen_eval.recording.passing.played import Player
from kaizen_eval.recording.passing.teed import readable, teed, telling

__all__ = ["handle", "handle_async"]


def handle(http: ModuleType, cassette: Paced, request: Any, send: Callable[[Any], Any]) -> Any:
    """The response that a synchronous client gets; `send` asks the real service, and is called only when it must be.

    Raises:
        http.RequestError: what the client raised when this was recorded, or raises now.
        CassetteMiss: the cassette has no answer.
    """
    turn = cassette.begin(_raw(request, request.read()))
    if turn.play is None:
        return send(request) if turn.take is None else _recorded(http, request, turn.take, send)
    if turn.take is not None:
        _compare(http, request, turn.take, send, turn.play)
    return Player(http, cassette, request, turn.play).response()


async def handle_async(http: ModuleType, cassette: Paced, request: Any, send: Callable[[Any], Awaitable[Any]]) -> Any:
    """The response that an asynchronous client gets; see `handle`."""
    turn = cassette.begin(_raw(request, await request.aread()))
    if turn.play is None:
        return await send(request) if turn.take is None else await _recorded_async(http, request, turn.take, send)
    if turn.take is not None:
        await _compare_async(http, request, turn.take, send, turn.play)
    return await Player(http, cassette, request, turn.play).response_async()


def _recorded(http: ModuleType, request: Any, take: Taking, send: Callable[[Any], Any]) -> Any:
    with telling(http, take):
        response = send(readable(http, request))
    return teed(http, request, response, take)


async def _recorded_async(http: ModuleType, request: Any, take: Taking, send: Callable[[Any], Awaitable[Any]]) -> Any:
    with telling(http, take):
        response = await send(readable(http, request))
    return teed(http, request, response, take)


def _compare(http: ModuleType, request: Any, take: Taking, send: Callable[[Any], Any], recorded: Exchange) -> None:
    """Read what the service answers now, for the take alone: the client goes by what was recorded."""
    left = _Left(recorded)
    with suppress(http.RequestError):
        response = _recorded(http, request, take, send)
        try:
            for piece in response.stream:
                if left.has_enough(piece):
                    break
        finally:
            response.stream.close()


async def _compare_async(
    http: ModuleType, request: Any, take: Taking, send: Callable[[Any], Awaitable[Any]], recorded: Exchange
) -> None:
    left = _Left(recorded)
    with suppress(http.RequestError):
        response = await _recorded_async(http, request, take, send)
        try:
            async for piece in response.stream:
                if left.has_enough(piece):
                    break
        finally:
            await response.stream.aclose()


class _Left:
    """How much more is read only to compare it: no stream without end, and no more of one than its client read."""

    def __init__(self, recorded: Exchange) -> None:
        size = 0 if recorded.response is None else sum(recorded.response.sizes)
        self._bytes = size if recorded.was_left else 4 * size + 2**20

    def has_enough(self, piece: bytes) -> bool:
        self._bytes -= len(piece)
        return self._bytes <= 0


def _raw(request: Any, body: bytes) -> RawRequest:
    headers = tuple(request.headers.multi_items())
    encoding = request.headers.get("content-encoding")
    return RawRequest(request.method, str(request.url), headers, unpacked(body, encoding) if encoding else body)
