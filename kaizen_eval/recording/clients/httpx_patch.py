"""What httpx and httpx2 send goes through the cassette in use, with its streams and failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial, wraps
from importlib import import_module
from types import ModuleType
from typing import Any, cast

from kaizen_eval.recording.clients.patch import Patch
from kaizen_eval.recording.in_use import current, outside
from kaizen_eval.recording.passing import passage
from kaizen_eval.recording.passing.asked import Paced

__all__ = ["httpx_patches"]

_Send = Callable[..., Any]

_TRANSPORTS = (
    ("httpx", "httpx", "HTTPTransport", "AsyncHTTPTransport"),
    ("httpx2", "httpx2", "HTTPTransport", "AsyncHTTPTransport"),
    ("httpx_curl_cffi", "httpx", "CurlTransport", "AsyncCurlTransport"),
    ("pyreqwest.compatibility.httpx", "httpx", "SyncHttpxTransport", "HttpxTransport"),
)
"""Where a transport lives, whose requests it takes, its names for sync and async code."""


def httpx_patches() -> Iterator[Patch]:
    """For what leaves this process: transports to an application or a function in it stay as they are."""
    for home, client, sync, asynchronous in _TRANSPORTS:
        module, http = _module(home), _module(client)
        if module is not None and http is not None:
            yield _patch(getattr(module, sync), "handle_request", partial(_routed, http))
            yield _patch(getattr(module, asynchronous), "handle_async_request", partial(_routed_async, http))


def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ImportError:
        return None


def _patch(transport: type, attribute: str, route: Callable[[_Send], _Send]) -> Patch:
    return Patch(transport, attribute, route(getattr(transport, attribute)))


def _routed(http: ModuleType, real: _Send) -> _Send:
    @wraps(real)
    def handle_request(self: Any, request: Any) -> Any:
        cassette = current()
        if cassette is None:
            return real(self, request)
        return passage.handle(http, cast("Paced", cassette), request, _sent_by(self, real))

    return handle_request


def _sent_by(transport: Any, real: _Send) -> _Send:
    def send(request: Any) -> Any:
        with outside():
            return real(transport, request)

    return send


def _routed_async(http: ModuleType, real: _Send) -> _Send:
    @wraps(real)
    async def handle_async_request(self: Any, request: Any) -> Any:
        cassette = current()
        if cassette is None:
            return await real(self, request)
        return await passage.handle_async(http, cast("Paced", cassette), request, _sent_async_by(self, real))

    return handle_async_request


def _sent_async_by(transport: Any, real: _Send) -> _Send:
    async def send(request: Any) -> Any:
        with outside():
            return await real(transport, request)

    return send
