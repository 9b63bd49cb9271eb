"""Requests as they come in: from the bytes of a connection to HTTP requests, within bounds."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable
from typing import Literal, NamedTuple

import httptools

from kaizen_eval.fake.server.settings import ServerSettings

__all__ = ["Begun", "HttpRequest", "Incoming", "Unacceptable"]

_OF_UPGRADE = frozenset({"connection", "upgrade", "expect"})
_Stage = Literal["idle", "head", "body"]


class HttpRequest(NamedTuple):
    """One request, whole."""

    method: str
    target: str
    """Path and query."""
    headers: dict[str, str]
    """Names in lower case; of one that came several times the values are joined."""
    body: bytes
    """Decompressed."""
    stays: bool
    """Whether the connection is to be kept open afterwards."""
    is_old: bool
    """Whether the client speaks HTTP/1.0, which knows no chunks."""

    @property
    def is_usual(self) -> bool:
        """Whether an answer needs no headers for this client alone."""
        return self.stays and not self.is_old


class Begun(NamedTuple):
    """As much of a request as came before it was refused."""

    method: str
    """Empty, like the target, for what is no HTTP."""
    target: str
    headers: dict[str, str]
    size: int
    """Bytes of the body, as they came."""


class Unacceptable(Exception):
    """Input that is no request that could be answered; the connection ends with it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Incoming:
    """What one connection has sent so far."""

    def __init__(self, settings: ServerSettings, *, on_continue: Callable[[], None]) -> None:
        """`on_continue` is called when the client waits to be told to send its body."""
        self.ready: deque[HttpRequest] = deque()
        """Whole requests in the order they came; whoever answers them takes them away."""
        self.refused: Unacceptable | None = None
        """Why nothing more is read; requests before that are ready."""
        self.is_over = False
        """Whether whatever comes now belongs to no request."""
        self.stage: _Stage = "idle"
        self._settings = settings
        self._on_continue = on_continue
        self._parser = httptools.HttpRequestParser(self)
        self._head = self._size = 0
        """Bytes of the head and of the body that are being read."""
        self._url = b""
        self._headers: dict[str, str] = {}

    def feed(self, data: bytes) -> None:
        """Read on."""
        if self.is_over:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay_with_http(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            self._refuse(error)
        if self.stage == "head":
            self._head += len(data)
            if self._head > self._settings.max_head and not self.is_over:
                self._refuse(_head_too_long(self._settings.max_head))

    def begun(self) -> Begun:
        """What came of the request that is being read."""
        if self.stage == "idle" or not self._url:
            return Begun("", "", {}, 0)
        return Begun(self._parser.get_method().decode("ascii"), self._url.decode("latin-1"), self._headers, self._size)

    def _stay_with_http(self, rest: bytes) -> None:
        """Read a request as if it had not asked for another protocol: the parser takes its body for that protocol's."""
        request = self.ready.pop()
        if request.method == "CONNECT":
            self.is_over = True
            self.ready.append(request._replace(stays=False))
            return
        self._parser = httptools.HttpRequestParser(self)
        lines = [f"{request.method} {request.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in request.headers.items() if name not in _OF_UPGRADE]
        self.feed("\r\n".join((*lines, "", "")).encode("latin-1") + rest)

    def on_message_begin(self) -> None:
        self.stage = "head"
        self._head = self._seen = 0
        self._url = b""
        self._headers = {}
        self._body: list[bytes] = []
        self._size = 0

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + 4)
        if self.stage != "head":
            return  # a trailer: nobody here asks for any
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        if key in self._headers:
            if key == "host":
                raise Unacceptable(400, "The request has more than one Host header.")
            text = f"{self._headers[key]}, {text}"
        self._headers[key] = text

    def on_headers_complete(self) -> None:
        self.stage = "body"
        parser, headers = self._parser, self._headers
        version = parser.get_http_version()
        if version not in {"1.1", "1.0"}:
            raise Unacceptable(505, f"HTTP/{version} is not spoken here, only HTTP/1.1 and 1.0.")
        self._is_old = version == "1.0"
        if not self._is_old and "host" not in headers:
            raise Unacceptable(400, "The request has no Host header.")
        if int(headers.get("content-length", 0)) > self._settings.max_body:
            raise _body_too_long(self._settings.max_body)
        if "expect" in headers:
            self._expected(headers["expect"])

    def on_body(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._settings.max_body:
            raise _body_too_long(self._settings.max_body)
        self._body.append(part)

    def on_message_complete(self) -> None:
        parser = self._parser
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        encoding = self._headers.get("content-encoding")
        if encoding is not None:
            body = _decompressed(body, encoding.strip().lower(), self._settings.max_body)
        stays = parser.should_keep_alive()
        method, target = parser.get_method().decode("ascii"), self._url.decode("latin-1")
        self.ready.append(HttpRequest(method, target, self._headers, body, stays, self._is_old))
        self._body = []
        self.stage = "idle"

    def _count(self, size: int) -> None:
        self._seen += size
        if self._seen > self._settings.max_head:
            raise _head_too_long(self._settings.max_head)

    def _expected(self, what: str) -> None:
        if what.strip().lower() != "100-continue":
            raise Unacceptable(417, f"Nothing is known of the expectation {what!r}.")
        if not self._is_old:
            self._on_continue()

    def _refuse(self, error: Exception) -> None:
        self.is_over = True
        cause = error.__context__ if isinstance(error, httptools.HttpParserCallbackError) else error
        if isinstance(cause, Unacceptable):
            self.refused = cause
        elif not (self.ready and not self.ready[-1].stays):  # else the last request ended the connection by itself
            self.refused = Unacceptable(400, f"The request is no HTTP: {cause}.")


def _decompressed(body: bytes, encoding: str, limit: int) -> bytes:
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise Unacceptable(415, f"A body of content-encoding {encoding!r} cannot be read; gzip and deflate can.")
    reader = zlib.decompressobj(wbits=47 if encoding != "deflate" else 15)
    try:
        plain = reader.decompress(body, limit + 1)
    except zlib.error as error:
        raise Unacceptable(400, f"The body is not {encoding}: {error}.") from error
    if len(plain) > limit:
        raise _body_too_long(limit)
    if not reader.eof:
        raise Unacceptable(400, f"The body ends in the middle of its {encoding}.")
    return plain


def _head_too_long(limit: int) -> Unacceptable:
    return Unacceptable(431, f"The head of the request is longer than {limit} bytes.")


def _body_too_long(limit: int) -> Unacceptable:
    return Unacceptable(413, f"The body of the request is longer than {limit} bytes.")
