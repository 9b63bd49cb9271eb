"""A cassette that is a list, a service that counts who asks it, and one question for each HTTP client."""

from __future__ import annotations

import asyncio
import http.client
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import aiohttp
import requests
import urllib3

from kaizen_eval.errors import CassetteMiss, RecordingError
from kaizen_eval.recording.body import Body
from kaizen_eval.recording.exchange import Exchange, Failure, Headers, RawRequest, RecordedRequest, RecordedResponse
from kaizen_eval.recording.in_use import begin_use, end_use, within
from kaizen_eval.recording.settings import Mode

__all__ = [
    "ASYNC_CLIENTS",
    "CLIENTS",
    "Listed",
    "Service",
    "Turn",
    "answering",
    "exchange_of",
    "failing",
    "serving",
    "using",
]


def exchange_of(body: bytes, answer: bytes, *, status: int = 200, headers: Headers = ()) -> Exchange:
    request = RecordedRequest("POST", "/ask", body=Body(body))
    response = RecordedResponse(status, headers, Body(answer), (len(answer),) if answer else ())
    return Exchange(slot=1, key=body.hex(), request=request, response=response)


def failing(body: bytes, error: str) -> Exchange:
    return Exchange(
        slot=1, key=body.hex(), request=RecordedRequest("POST", "/ask", body=Body(body)), failure=Failure(error, "told")
    )


class Turn(NamedTuple):
    play: Exchange | None
    take: ListedTake | None


@dataclass
class ListedTake:
    """Keeps what it is told, as a list of tuples."""

    told: list[object] = field(default_factory=list)

    def head(self, status: int, headers: Headers) -> None:
        self.told.append((status, dict(headers).get("content-type")))

    def piece(self, data: bytes) -> object:
        self.told.append(data)
        return None

    def end(self) -> None:
        self.told.append("end")

    def fail(self, error: str, message: str) -> None:
        self.told.append(error)

    def leave(self) -> None:
        self.told.append("left")


@dataclass
class Listed:
    """Finds exchanges by the bytes of the body."""

    exchanges: list[Exchange] = field(default_factory=list)
    mode: Mode = "replay"
    path: Path = Path("listed.yaml")
    asked: list[RawRequest] = field(default_factory=list)
    takes: list[ListedTake] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    def note(self, error: RecordingError) -> None:
        self.noted.append(str(error))

    def begin(self, raw: RawRequest) -> Turn:
        self.asked.append(raw)
        return Turn(self._found(raw), self._take())

    def _found(self, raw: RawRequest) -> Exchange | None:
        if self.mode in {"record", "live"}:
            return None
        for exchange in self.exchanges:
            if exchange.request.body.data == raw.body and exchange.request.path == urlsplit(raw.url).path:
                self.exchanges.remove(exchange)
                return exchange
        raise CassetteMiss(f"nothing for {raw.body!r}", path=str(self.path))

    def _take(self) -> ListedTake | None:
        if self.mode in {"replay", "live"}:
            return None
        self.takes.append(ListedTake())
        return self.takes[-1]


def answering(**answers: str) -> Listed:
    """A cassette to replay: question → answer."""
    return Listed([exchange_of(question.encode(), answer.encode()) for question, answer in answers.items()])


@contextmanager
def using(cassette: Listed) -> Iterator[Listed]:
    use = begin_use(cassette)
    try:
        with within(use):
            yield cassette
    finally:
        end_use(use)


class Service(NamedTuple):
    url: str
    asked: list[bytes]
    """The bodies that reached it."""


@contextmanager
def serving(*, status: int = 200, coding: str = "", encode: Callable[[bytes], bytes] = bytes) -> Iterator[Service]:
    """Answers "live: " and what was asked."""
    asked: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            asked.append(body)
            answer = encode(b"live: " + body)
            self.send_response(status)
            self.send_header("content-type", "text/plain")
            self.send_header("content-length", str(len(answer)))
            if coding:
                self.send_header("content-encoding", coding)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Service(f"http://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def by_requests(base_url: str, question: str) -> str:
    with requests.Session() as session:
        return session.post(f"{base_url}/ask", data=question).text


def by_urllib3(base_url: str, question: str) -> str:
    with urllib3.PoolManager(retries=False) as pool:
        return pool.request("POST", f"{base_url}/ask", body=question).data.decode()


def by_http_client(base_url: str, question: str) -> str:
    parts = urlsplit(base_url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname, parts.port)
    try:
        connection.request("POST", "/ask", body=question)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def by_urllib(base_url: str, question: str) -> str:
    with urllib.request.urlopen(f"{base_url}/ask", data=question.encode()) as response:  # noqa: S310 - it is http
        return response.read().decode()


async def by_aiohttp_async(base_url: str, question: str) -> str:
    async with aiohttp.ClientSession() as session, session.post(f"{base_url}/ask", data=question) as response:
        return await response.text()


def by_aiohttp(base_url: str, question: str) -> str:
    return asyncio.run(by_aiohttp_async(base_url, question))


CLIENTS = {
    "requests": by_requests,
    "urllib3": by_urllib3,
    "http.client": by_http_client,
    "urllib": by_urllib,
    "aiohttp": by_aiohttp,
}
"""(base URL, question) → the answer's text."""

ASYNC_CLIENTS = {"aiohttp": by_aiohttp_async}
