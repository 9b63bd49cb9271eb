"""The real network for a transport that may never need it."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncGenerator
from functools import cache

import httpx2

__all__ = ["Connections"]


@cache
def _tls() -> ssl.SSLContext:
    """One for the process: each takes 20 ms to make."""
    return httpx2.create_ssl_context()


class Connections(httpx2.AsyncBaseTransport, httpx2.BaseTransport):
    """Opens none before the first request; each event loop has its own, and they end with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sync: httpx2.HTTPTransport | None = None
        self._of_loops: dict[asyncio.AbstractEventLoop, _Kept] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        with self._lock:
            transport = self._sync = self._sync or httpx2.HTTPTransport(verify=_tls())
        return transport.handle_request(request)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        loop = asyncio.get_running_loop()
        kept = self._of_loops.get(loop)
        if kept is None:
            kept = self._of_loops[loop] = _Kept()
            await kept.open(self._of_loops)
        return await kept.transport.handle_async_request(request)

    def close(self) -> None:
        with self._lock:
            transport, self._sync = self._sync, None
        if transport is not None:
            transport.close()

    async def aclose(self) -> None:
        self.close()
        kept = self._of_loops.get(asyncio.get_running_loop())
        if kept is not None:
            await kept.close()


class _Kept:
    """The connections of one loop."""

    def __init__(self) -> None:
        self.transport = httpx2.AsyncHTTPTransport(verify=_tls())

    async def open(self, kept: dict[asyncio.AbstractEventLoop, _Kept]) -> None:
        self._end = self._until_the_loop_ends(kept)
        await anext(self._end)

    async def close(self) -> None:
        await self._end.aclose()

    async def _until_the_loop_ends(self, kept: dict[asyncio.AbstractEventLoop, _Kept]) -> AsyncGenerator[None]:
        """A loop that is shut down closes the asynchronous generators that began in it."""
        try:
            yield
        finally:
            kept.pop(asyncio.get_running_loop(), None)
            await self.transport.aclose()
