"""CassetteTransport: a client's requests, answered from one cassette or recorded in it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import httpx2
from typing_extensions import Unpack

from kaizen_eval.errors import UsageError
from kaizen_eval.recording.cassette import Cassette, Turn
from kaizen_eval.recording.exchange import RawRequest
from kaizen_eval.recording.in_use import current_lane, outside
from kaizen_eval.recording.passing import passage
from kaizen_eval.recording.passing.connections import Connections
from kaizen_eval.recording.settings import CassetteOptions, CassetteSettings, checked_mode

__all__ = ["CassetteTransport"]

_Inner = httpx2.AsyncBaseTransport | httpx2.BaseTransport


class CassetteTransport(httpx2.AsyncBaseTransport, httpx2.BaseTransport):
    """For `httpx2.Client` and `httpx2.AsyncClient`, and so for `openai.DefaultAsyncHttpxClient(transport=…)`.

    It is bound to its cassette: two of them in parallel tasks and threads know nothing of each other. Closing it, or
    its client, ends the cassette, and raises what is to be said then: see `Cassette.close`.
    """

    def __init__(
        self,
        cassette: str | os.PathLike[str] | Cassette,
        mode: str = "replay",
        inner: _Inner | None = None,
        *,
        lane: str = "",
        **settings: Unpack[CassetteOptions],
    ) -> None:
        """Args:
            cassette: where it is, or one that is open: that has its own mode and settings, and is closed by whoever
                opened it.
            mode: "replay", "record", "record-missing", "verify" or "live".
            inner: leads to the real service; closed with this one. Without it, the real network, where needed.
            lane: which of several that run side by side this is; by default the cassette's own.
            settings: those of CassetteSettings.

        Raises:
            RecordingError: the cassette cannot be opened.
        """
        self._inner: _Inner = inner or Connections()
        self._owns = isinstance(cassette, str | os.PathLike)
        self.cassette = _opened(cassette, mode, lane, settings) if isinstance(cassette, str | os.PathLike) else cassette
        self._asked = _InLane(self.cassette, lane) if lane else self.cassette

    def __repr__(self) -> str:
        return f"CassetteTransport({str(self.cassette.path)!r}, mode={self.cassette.mode!r})"

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response: httpx2.Response = passage.handle(httpx2, self._asked, request, self._send)
        return response

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response: httpx2.Response = await passage.handle_async(httpx2, self._asked, request, self._send_async)
        return response

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close(passed=exc_type is None)

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose(passed=exc_type is None)

    def close(self, *, passed: bool | None = None) -> None:
        """End it; the second time nothing happens.

        Args:
            passed: whether what used it went well; by default, whether no exception is being handled.

        Raises:
            RecordingError: what the cassette has to say at its end.
        """
        with self._finalising(passed=passed):
            if isinstance(self._inner, httpx2.BaseTransport):
                self._inner.close()

    async def aclose(self, *, passed: bool | None = None) -> None:
        """Like `close`, and it ends the connections of asynchronous clients."""
        with self._finalising(passed=passed):
            if isinstance(self._inner, httpx2.AsyncBaseTransport):
                await self._inner.aclose()
            else:
                self._inner.close()

    @contextmanager
    def _finalising(self, *, passed: bool | None) -> Iterator[None]:
        """The connections are closed first, and the cassette also where that fails."""
        passed = sys.exc_info()[0] is None if passed is None else passed
        try:
            yield
        finally:
            if self._owns:
                self.cassette.close(passed=passed)

    def _send(self, request: httpx2.Request) -> httpx2.Response:
        if isinstance(self._inner, httpx2.BaseTransport):
            with outside():  # a cassette that is in use around it has no part in this
                return self._inner.handle_request(request)
        raise self._unfit("a synchronous", "httpx2.BaseTransport, such as httpx2.HTTPTransport()")

    async def _send_async(self, request: httpx2.Request) -> httpx2.Response:
        if isinstance(self._inner, httpx2.AsyncBaseTransport):
            with outside():
                return await self._inner.handle_async_request(request)
        raise self._unfit("an asynchronous", "httpx2.AsyncBaseTransport, such as httpx2.AsyncHTTPTransport()")

    def _unfit(self, kind: str, wanted: str) -> UsageError:
        return UsageError(
            f"{self!r} was asked by {kind} client, and its inner transport, {type(self._inner).__name__}, cannot serve "
            f"one. Give it an inner {wanted}, or none for the real network."
        )


class _InLane:
    """A cassette, asked by one of several that run side by side."""

    def __init__(self, cassette: Cassette, lane: str) -> None:
        self.path = cassette.path
        self.settings = cassette.settings
        self.note = cassette.note
        self._cassette = cassette
        self._lane = lane

    def begin(self, raw: RawRequest) -> Turn:
        lanes = (self._lane, current_lane())
        return self._cassette.begin(raw, lane="/".join(filter(None, lanes)))


def _opened(path: str | os.PathLike[str], mode: str, lane: str, settings: CassetteOptions) -> Cassette:
    return Cassette.open(Path(path), CassetteSettings(mode=checked_mode(mode), **settings), lane=lane)
