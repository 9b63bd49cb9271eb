"""Bad input: the right refusal or a closed connection, and the server lives."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server_talk import Wire, chat, get, until, wire

from kaizen_eval.fake import FakeLLM
from kaizen_eval.fake.server.running import Serving

MAX_BODY = 100_000
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    fake = FakeLLM(keep=100).otherwise("fine")
    fake.forgive_misses()  # noise makes paths that nobody speaks
    with fake.serve(max_body=MAX_BODY) as running:
        yield running


@pytest.fixture(autouse=True)
def is_alive_afterwards(server, caplog) -> Iterator[None]:
    yield
    with wire(server) as connection:
        assert connection.send(chat()).response().text == "fine"
    assert [record.message for record in caplog.records if record.name == "asyncio"] == []


def statuses(data: bytes) -> list[int]:
    """Of the responses in what a server sent until it closed."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


REFUSED = {
    "both lengths": (HEAD + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "both, the other way": (HEAD + b"transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (HEAD + b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd", 400),
    "twice the same length": (HEAD + b"content-length: 3\r\ncontent-length: 3\r\n\r\nabc", 400),
    "a list of lengths": (HEAD + b"content-length: 3, 3\r\n\r\nabc", 400),
    "a signed length": (HEAD + b"content-length: +3\r\n\r\nabc", 400),
    "a negative length": (HEAD + b"content-length: -3\r\n\r\nabc", 400),
    "an endless length": (HEAD + b"content-length: 99999999999999999999999\r\n\r\nabc", 400),
    "a length in hexadecimal": (HEAD + b"content-length: 0x3\r\n\r\nabc", 400),
    "a folded header": (HEAD + b"x-a: b\r\n c\r\n\r\n", 400),
    "bare line feeds": (HEAD.replace(b"\r\n", b"\n") + b"\n", 400),
    "a NUL": (HEAD + b"x-a: b\x00c\r\n\r\n", 400),
    "a bare carriage return": (HEAD + b"x-a: b\rc\r\n\r\n", 400),
    "a blank before the colon": (HEAD + b"content-length : 3\r\n\r\nabc", 400),
    "chunked, but not last": (HEAD + b"transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
    "an unknown transfer-encoding": (HEAD + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "a chunk without a size": (HEAD + b"transfer-encoding: chunked\r\n\r\nxyz\r\n", 400),
    "a chunk of negative size": (HEAD + b"transfer-encoding: chunked\r\n\r\n-3\r\nabc\r\n", 400),
    "two hosts": (b"GET /v1/models HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
    "no host": (b"GET /v1/models HTTP/1.1\r\n\r\n", 400),
    "no method": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "HTTP/2 by prior knowledge": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/2.0": (b"GET /v1/models HTTP/2.0\r\nhost: a\r\n\r\n", 505),
    "HTTP/0.9": (b"GET /v1/models\r\n\r\n", 505),
    "a path with a blank": (b"GET /v1/a b HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "a path of other bytes": (b"GET /v1/\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    "an unknown expectation": (HEAD + b"expect: miracles\r\ncontent-length: 2\r\n\r\n{}", 417),
    "a long header": (HEAD + b"x-a: " + b"b" * 70_000 + b"\r\n\r\n", 431),
    "many headers": (HEAD + b"x-a: b\r\n" * 10_000 + b"\r\n", 431),
    "an endless header": (HEAD + b"x-a: " + b"b" * 400_000, 431),
    "a long path": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n", 431),
    "an endless trailer": (HEAD + b"transfer-encoding: chunked\r\n\r\n0\r\n" + b"x-a: b\r\n" * 10_000, 431),
    "a declared body that is too long": (HEAD + b"content-length: 100000001\r\n\r\n{", 413),
    "a chunked body that is too long": (
        HEAD + b"transfer-encoding: chunked\r\n\r\n" + (b"2710\r\n" + b" " * 10_000 + b"\r\n") * 11,
        413,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_request_is_refused_and_the_connection_ends(server, name):
    data, status = REFUSED[name]
    with wire(server) as connection:
        connection.send(data)
        answer = connection.response()
        assert (answer.status, answer.headers["connection"], connection.everything()) == (status, "close", b"")
        assert answer.json()["error"]["type"] == "invalid_request_error"


def test_what_follows_a_refused_request_is_no_request(server):
    smuggled = HEAD + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" + chat("smuggled")
    with wire(server) as connection:
        connection.send(chat("the last that is one") + smuggled)
        connection.end()
        assert statuses(connection.everything()) == [200, 400]
    asked = [exchange.request.messages[-1].content for exchange in server.fake("").journal.attempts]
    assert (asked[-1], "smuggled" in asked) == ("the last that is one", False)


def test_a_client_that_goes_on_sending_sees_why_it_was_refused(server):
    with wire(server) as connection:
        connection.send(HEAD + b"content-length: 3000000\r\n\r\n", b" " * 3_000_000)
        connection.end()
        assert statuses(connection.everything()) == [413]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"model": "fake", "messages": 3}',
        b'{"model": "fake", "messages": [{"role": "user", "content": "\xff\xfe"}]}',
        b"[" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"model": "fake", "messages": [], "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"model": "fake", "messages": [], "seed": ' + b"9" * 50_000 + b"}",
        b'{"model": "fake", "messages": [], "temperature": NaN}',
        b'{"model": "fake", "messages": [{"role": "user", "content": "\\ud800"}], "model": "x"}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_cannot_be_understood_is_a_400_and_the_connection_stays(server, body):
    with wire(server) as connection:
        answer = connection.send(get("/v1/chat/completions", method="POST", body=body)).response()
        assert (answer.status, answer.json()["error"]["type"]) == (400, "invalid_request_error")
        assert connection.send(chat()).response().text == "fine"


def test_a_header_of_other_bytes_is_let_through(server):
    with wire(server) as connection:
        assert connection.send(chat("hi", "x-name: \xe9\xff")).response().text == "fine"


def test_many_idle_connections_do_no_harm(server):
    idle = [wire(server) for _ in range(300)]
    opened = [connection.__enter__() for connection in idle]
    opened[0].send(HEAD[:20])
    with wire(server) as connection:
        assert connection.send(chat()).response().text == "fine"
    for connection in idle:
        connection.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("stage", "sent", "status"),
    [
        ("idle_seconds", b"", []),
        ("head_seconds", HEAD[:30], [408]),
        ("body_seconds", HEAD + b"content-length: 9\r\n\r\n{", [408]),
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_client_that_takes_too_long_is_let_go(stage, sent, status):
    with FakeLLM().serve(**{stage: 0.02}) as server, wire(server) as connection:
        assert statuses(connection.send(sent).everything()) == status


def test_a_refused_client_that_stays_is_let_go():
    with FakeLLM().serve(linger_seconds=0.02) as server, wire(server) as connection:
        assert statuses(connection.send(b"\x00").everything()) == [400]
        until_gone(connection)


def until_gone(connection: Wire) -> None:
    """Send until the server no longer takes it."""
    sending = iter(lambda: connection.send(b" " * 10_000), None)
    with pytest.raises(OSError, match=r"reset|pipe|abort"):
        deque(sending, maxlen=0)


@settings(max_examples=150)
@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 3))
def test_whatever_comes_the_answer_is_http(server, noise, place, skipped):
    """Noise in place of some bytes of two requests: each answer is one, and the server ends what it refuses."""
    data = chat("one") + chat("two")
    place %= len(data)
    with wire(server) as connection:
        connection.send(data[:place] + noise + data[place + skipped :])
        connection.end()
        came = connection.everything()
    assert came == b"" or came.startswith(b"HTTP/1.1 ")
    assert set(statuses(came)) <= {200, 400, 401, 404, 405, 413, 415, 417, 431, 501, 505}


def test_control_paths_refuse_what_they_cannot_use(server):
    with wire(server) as connection:
        asked = [
            get("/_kaizen/journal?since=x"),
            get("/_kaizen/journal?wait=-1"),
            get("/_kaizen/journal?limit=1e400"),
            get("/_kaizen/script", method="POST", body=b"\xff"),
            get("/_kaizen/script", method="POST", body=b"version: 1\nrules: {a: [}"),
            get("/_kaizen/script"),
            get("/_kaizen/../etc/passwd"),
            get("/_kaizen/%2e%2e/running.py"),
            get("/_kaizenish"),
        ]
        answers = [connection.send(one).response() for one in asked]
    assert [answer.status for answer in answers] == [400, 400, 400, 400, 400, 405, 404, 404, 404]
    assert all("message" in json.loads(answer.body)["error"] for answer in answers)


def test_nobody_waits_for_a_journal_that_nobody_follows(server):
    fake = FakeLLM().otherwise("hi")
    with fake.serve() as own:
        with wire(own) as connection:
            connection.send(get("/_kaizen/journal?since=0&wait=60"))
        with wire(own) as connection:
            connection.send(chat()).response()
        assert len(until(fake.journal, len)) == 1
