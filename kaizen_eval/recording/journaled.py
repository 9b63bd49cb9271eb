"""Enters in a fake's journal what passes an HTTP transport, whoever answers."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

import httpx2

from kaizen_eval.errors import (
    AttemptTimeout,
    CassetteMiss,
    CassetteMissing,
    ConnectionLost,
    ProviderError,
    RecordingError,
)
from kaizen_eval.fake import brain
from kaizen_eval.fake.client.heard import heard
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.faults.status import FAULTS, HttpError
from kaizen_eval.fake.front.front import Front
from kaizen_eval.fake.journal.exchange import CANCELLED, MISS, Opened
from kaizen_eval.fake.model.completion import Choice
from kaizen_eval.fake.wire import sse
from kaizen_eval.llm.translate import decode_response
from kaizen_eval.resilience.clock import now_ns, wall_time

__all__ = ["JournaledTransport"]

_REPLY = "reply"
_LOST: Mapping[str, str] = {"ConnectError": "connection_refused", "ReadError": "connection_reset"}
"""The faults that look like this on the wire."""


class JournaledTransport(httpx2.AsyncBaseTransport):
    """Around another transport; the headers that say whose request it is go no further unless asked.

    What came of a request is told in the words of the fake's faults, as far as it can be seen from outside.

    Args:
        make: what answers, made when the first request comes.
        desk: whose journal it is.
        model: stands in where a request names none.
        tells_whose: whether our own headers are passed on: to our own server alone.
    """

    def __init__(
        self, make: Callable[[], httpx2.AsyncBaseTransport], desk: Desk, *, model: str, tells_whose: bool = False
    ) -> None:
        self._make = make
        self._inner: httpx2.AsyncBaseTransport | None = None
        self._lock = threading.Lock()
        self._front = Front(desk, model=model)
        self._tells_whose = tells_whose

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        opened = self._opened(request, await request.aread())
        if not self._tells_whose:
            for name in [name for name in request.headers if name.startswith("x-kaizen-")]:
                del request.headers[name]
        try:
            response = await self._made().handle_async_request(request)
        except BaseException as error:
            self._fail(opened, error)
            raise
        response.stream = _Watched(response, self, opened)
        return response

    async def aclose(self) -> None:
        if self._inner is not None:
            await self._inner.aclose()

    def _made(self) -> httpx2.AsyncBaseTransport:
        with self._lock:
            self._inner = self._inner or self._make()
        return self._inner

    def _opened(self, request: httpx2.Request, body: bytes) -> Opened:
        path = request.url.raw_path.decode("ascii")
        opened = self._front.desk.open(self._front.look(request.method, path, request.headers, body))
        opened.door, opened.bytes_in = "sdk", len(body)
        return opened

    def _fail(self, opened: Opened, error: BaseException) -> None:
        """Nothing came, or no more."""
        kind = type(error).__name__
        if isinstance(error, httpx2.TransportError):
            is_late = isinstance(error, httpx2.TimeoutException)
            opened.error = AttemptTimeout.__name__ if is_late else ConnectionLost.__name__
            opened.outcome = _LOST.get(kind, opened.error)
        elif isinstance(error, RecordingError):
            opened.error = kind
            opened.outcome = MISS if isinstance(error, CassetteMiss | CassetteMissing) else kind
        else:
            opened.outcome = CANCELLED
        self._front.desk.close(opened, error)

    def _note(self, opened: Opened, response: httpx2.Response, came: list[bytes], *, has_ended: bool) -> None:
        """All of it came, or all that its client wanted."""
        body = b"".join(came)
        opened.bytes_out = len(body)
        opened.outcome = _REPLY if response.status_code < 400 else _fault(response.status_code, body)
        if self._is_stream(opened, response):
            self._hear(opened, response, came, left=None if has_ended else asyncio.CancelledError())
        elif opened.inquiry.endpoint == "chat" and not opened.request.stream:
            self._read(opened, response, body)
        self._front.desk.close(opened)

    @staticmethod
    def _is_stream(opened: Opened, response: httpx2.Response) -> bool:
        return opened.inquiry.endpoint == "chat" and opened.request.stream and response.is_success

    def _hear(
        self, opened: Opened, response: httpx2.Response, came: list[bytes], *, left: BaseException | None
    ) -> None:
        """What a stream of a chat has said."""
        met = heard(came, response.headers.multi_items(), has_ended=left is None)
        self._front.desk.settle(opened, met, left=None if left is None else type(left).__name__)

    def _read(self, opened: Opened, response: httpx2.Response, body: bytes) -> None:
        try:
            reply = decode_response(response.status_code, response.headers, body, now=wall_time(), secrets=())
        except ProviderError as error:
            opened.error = type(error).__name__
        else:
            opened.said = Choice(text=reply.text, tool_calls=reply.tool_calls, refusal=reply.refusal)
            opened.text, opened.usage = brain.words(opened.said), reply.usage


class _Watched(httpx2.AsyncByteStream):
    """A response's body, on its way through."""

    def __init__(self, response: httpx2.Response, transport: JournaledTransport, opened: Opened) -> None:
        self._stream = response.stream
        self._response = response
        self._transport = transport
        self._opened = opened
        self._came: list[bytes] = []

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._stream, httpx2.AsyncByteStream)  # noqa: S101 - for the type checker
        try:
            async for part in self._stream:
                self._opened.first_byte_ns = self._opened.first_byte_ns or now_ns()
                for piece in self._apart(part):
                    self._came.append(piece)
                    yield piece
        except GeneratorExit:  # its client wants no more, and closes it
            raise
        except BaseException as error:
            transport = self._transport
            if transport._is_stream(self._opened, self._response):  # noqa: SLF001 - one thing in two classes
                transport._hear(self._opened, self._response, self._came, left=error)  # noqa: SLF001 - as above
            transport._fail(self._opened, error)  # noqa: SLF001 - as above
            raise
        self._note(has_ended=True)

    def _apart(self, part: bytes) -> Iterable[bytes]:
        """A reader who leaves a stream early has taken no event more than it has read."""
        is_stream = self._transport._is_stream(self._opened, self._response)  # noqa: SLF001 - as above
        is_packed = "content-encoding" in self._response.headers
        return sse.split(part) if is_stream and not is_packed else (part,)

    async def aclose(self) -> None:
        assert isinstance(self._stream, httpx2.AsyncByteStream)  # noqa: S101 - for the type checker
        await self._stream.aclose()
        if self._opened.ended_ns is None:
            self._note(has_ended=False)

    def _note(self, *, has_ended: bool) -> None:
        self._transport._note(self._opened, self._response, self._came, has_ended=has_ended)  # noqa: SLF001 - as above


def _fault(status: int, body: bytes) -> str:
    """The fault that answers so; else its status."""
    try:
        said = json.loads(body)["error"]["code"]
    except (ValueError, LookupError, TypeError):
        said = None
    code = said if isinstance(said, str) else None
    return _STATUSES.get((status, code)) or _STATUSES.get((status, None)) or f"http_{status}"


def _statuses() -> dict[tuple[int, str | None], str]:
    """By status and code; without a code, the first fault of that status."""
    names: dict[tuple[int, str | None], str] = {}
    for fault in FAULTS:
        if issubclass(fault, HttpError) and fault.name != "http_status":
            said = fault().said()
            names.setdefault((said.status, said.code), fault.name)
            names.setdefault((said.status, None), fault.name)
    return names


_STATUSES = _statuses()
