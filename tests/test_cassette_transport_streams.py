"""CassetteTransport under the real SDK, where streams and connections end in every way."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from cassette_peers import PATIENCE, Peer, chunk, peer, reset

from kaizen_eval.recording import CassetteTransport

KEY = "sk-test"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class Nowhere(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Where a replay must never go."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        raise AssertionError("a replay went out")

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise AssertionError("a replay went out")


def event(word: str) -> bytes:
    delta = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
    return f"data: {json.dumps(delta | {'choices': [choice]})}\n\n".encode()


WORDS = [f"word{number} " for number in range(22)]
CHUNKS = [*map(event, WORDS), b"data: [DONE]\n\n"]


def sync_client(transport: CassetteTransport, url: str, **options: Any) -> openai.OpenAI:
    http = openai.DefaultHttpxClient(transport=transport)
    return openai.OpenAI(api_key=KEY, base_url=url, max_retries=0, http_client=http, **options)


def async_client(transport: CassetteTransport, url: str, **options: Any) -> openai.AsyncOpenAI:
    http = openai.DefaultAsyncHttpxClient(transport=transport)
    return openai.AsyncOpenAI(api_key=KEY, base_url=url, max_retries=0, http_client=http, **options)


Read = Callable[..., list[Any]]


def read_sync(transport: CassetteTransport, url: str, *, upto: int = 99, then: Any = None, **options: Any) -> list[Any]:
    """The words of a stream, or what is raised."""
    got: list[Any] = []
    with sync_client(transport, url, **options) as client:
        try:
            with client.chat.completions.create(**ASKED, stream=True) as stream:
                for part in stream:
                    got.append(part.choices[0].delta.content)
                    if then is not None:
                        then(len(got))
                    if len(got) == upto:
                        break
        except openai.OpenAIError as error:
            got.append(told(error))
    return got


def read_async(transport: CassetteTransport, url: str, **settings: Any) -> list[Any]:
    return asyncio.run(_read_async(transport, url, **settings))


async def _read_async(
    transport: CassetteTransport, url: str, *, upto: int = 99, then: Any = None, **options: Any
) -> list[Any]:
    got: list[Any] = []
    async with async_client(transport, url, **options) as client:
        try:
            async with await client.chat.completions.create(**ASKED, stream=True) as stream:
                async for part in stream:
                    got.append(part.choices[0].delta.content)
                    if then is not None:
                        then(len(got))
                    if len(got) == upto:
                        break
        except openai.OpenAIError as error:
            got.append(told(error))
    return got


def told(error: openai.OpenAIError) -> tuple[Any, ...]:
    return type(error), type(error.__cause__), str(error.__cause__)


reads = pytest.mark.parametrize("read", [read_sync, read_async])


def one_by_one(server: Peer, sock: socket.socket) -> None:
    sock.sendall(HEAD)
    for data in CHUNKS:
        sock.sendall(chunk(data))
        server.wait()
    sock.sendall(b"0\r\n\r\n")


@reads
def test_each_chunk_reaches_the_client_before_the_next_one_is_sent(tmp_path, read):
    path = tmp_path / "stream.yaml"
    with peer(one_by_one) as server:

        def next_one(_: int) -> None:
            server.go_on.release()

        transport = CassetteTransport(path, "record")
        got = read(transport, server.base_url, then=next_one)
        server.go_on.release()
    assert got == WORDS
    [exchange] = transport.cassette.recorded
    assert (exchange.response.sizes, exchange.was_left) == (tuple(map(len, CHUNKS)), False)
    assert [*exchange.response.offsets_us] == sorted(exchange.response.offsets_us)
    assert read(CassetteTransport(path, inner=Nowhere()), "https://elsewhere.invalid/v1") == WORDS


@reads
def test_a_replay_keeps_the_chunks(tmp_path, read):
    path = tmp_path / "stream.yaml"
    with peer(one_by_one) as server:
        read(CassetteTransport(path, "record"), server.base_url, then=lambda _: server.go_on.release())
        server.go_on.release()
    body = json.dumps(ASKED | {"stream": True})
    url = "https://elsewhere.invalid/v1/chat/completions"
    with httpx2.Client(transport=CassetteTransport(path)) as client, client.stream("POST", url, content=body) as got:
        assert list(got.iter_raw()) == CHUNKS


def until_the_client_leaves(server: Peer, sock: socket.socket) -> None:
    sock.sendall(HEAD + chunk(CHUNKS[0]))
    server.wait()
    sock.sendall(chunk(CHUNKS[1]))
    server.wait_for_the_client_to_leave(sock)


@reads
def test_who_leaves_early_stops_the_server_and_is_recorded_as_having_left(tmp_path, read):
    path = tmp_path / "left.yaml"
    with peer(until_the_client_leaves) as server:
        transport = CassetteTransport(path, "record")
        got = read(transport, server.base_url, upto=2, then=lambda _: server.go_on.release())
        assert server.client_left.wait(PATIENCE)
    [exchange] = transport.cassette.recorded
    assert (got, exchange.was_left, len(exchange.response.sizes)) == (WORDS[:2], True, 2)
    assert read(CassetteTransport(path), "https://elsewhere.invalid/v1", upto=2) == WORDS[:2]


def refused(_: Peer, sock: socket.socket) -> None:
    """Never called: nobody listens."""


def reset_at_once(_: Peer, sock: socket.socket) -> None:
    reset(sock)


def silent(server: Peer, sock: socket.socket) -> None:
    server.wait_for_the_client_to_leave(sock)


def cut(_: Peer, sock: socket.socket) -> None:
    sock.sendall(HEAD + b"".join(map(chunk, CHUNKS[:3])))


def reset_amid(server: Peer, sock: socket.socket) -> None:
    sock.sendall(HEAD + b"".join(map(chunk, CHUNKS[:3])))
    server.wait()
    reset(sock)


def silent_amid(server: Peer, sock: socket.socket) -> None:
    sock.sendall(HEAD + b"".join(map(chunk, CHUNKS[:3])))
    server.wait_for_the_client_to_leave(sock)


def no_http(_: Peer, sock: socket.socket) -> None:
    sock.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")


def refusing() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


CUT: dict[Any, tuple[list[str], type[Exception], type[Exception]]] = {
    refused: ([], openai.APIConnectionError, httpx2.ConnectError),
    reset_at_once: ([], openai.APIConnectionError, httpx2.ReadError),
    silent: ([], openai.APITimeoutError, httpx2.ReadTimeout),
    no_http: ([], openai.APIConnectionError, httpx2.RemoteProtocolError),
    cut: (WORDS[:3], openai.APIConnectionError, httpx2.RemoteProtocolError),
    reset_amid: (WORDS[:3], openai.APIConnectionError, httpx2.ReadError),
    silent_amid: (WORDS[:3], openai.APITimeoutError, httpx2.ReadTimeout),
}


@reads
@pytest.mark.parametrize(("serve", "expected"), CUT.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_what_breaks_a_connection_is_raised_again_at_the_same_place(tmp_path, read, serve, expected):
    path = tmp_path / "broken.yaml"
    limit = openai.Timeout(PATIENCE, read=0.2 if serve in {silent, silent_amid} else PATIENCE)
    with peer(serve) as server:
        url = refusing() if serve is refused else server.base_url
        three = lambda count: server.go_on.release() if count == 3 else None  # noqa: E731 - told to either client
        first = read(CassetteTransport(path, "record"), url, timeout=limit, then=three)
    words, kind, cause = expected
    assert (first[:-1], first[-1][:2]) == (words, (kind, cause))
    assert read(CassetteTransport(path, inner=Nowhere()), "https://elsewhere.invalid/v1") == first


def whole(path: Path, answer: bytes, method: str = "GET") -> tuple[Any, Any]:
    """What a client sees of it, while it is recorded and replayed."""
    with peer(answer) as server, httpx2.Client(transport=CassetteTransport(path, "record")) as client:
        first = looked_at(client.request(method, f"{server.base_url}/x"))
    with httpx2.Client(transport=CassetteTransport(path, inner=Nowhere())) as client:
        return first, looked_at(client.request(method, "https://elsewhere.invalid/v1/x"))


def looked_at(response: httpx2.Response) -> tuple[Any, ...]:
    return response.status_code, response.http_version, response.reason_phrase, response.content


@pytest.mark.parametrize(
    ("answer", "method", "body"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", "HEAD", (200, b"")),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "GET", (204, b"")),
        (b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n", "GET", (304, b"")),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "GET", (200, b"")),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nto the end", "GET", (200, b"to the end")),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdefg", "GET", (200, b"abc")),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-late: 1\r\n\r\n",
            "GET",
            (200, b"abc"),
        ),
        (b"HTTP/1.1 302 Found\r\nlocation: /v1/y\r\ncontent-length: 0\r\n\r\n", "GET", (302, b"")),
        (b"HTTP/1.1 529 Service Overloaded\r\ncontent-length: 1\r\n\r\nx", "GET", (529, b"x")),
    ],
)
def test_answers_of_every_shape_come_again(tmp_path, answer, method, body):
    first, again = whole(tmp_path / "shape.yaml", answer, method)
    assert (first[0], first[-1], again[0], again[-1]) == (*body, *body)
