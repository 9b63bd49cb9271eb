"""The server's HTTP: what a client of any kind can rely on."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import zlib
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server_talk import Wire, chat, get, until, wire

from kaizen_eval.fake import FakeLLM, Latency
from kaizen_eval.fake.server.running import Serving


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    """One that repeats the question."""
    with FakeLLM().otherwise(echo).serve() as running:
        yield running


def echo(request):
    return request.messages[-1].content.upper()


def test_a_connection_is_kept_for_the_next_request(server):
    with wire(server) as connection:
        assert [connection.send(chat(text)).response().text for text in ("one", "two")] == ["ONE", "TWO"]


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(["a", "é → ß", "", "x" * 3000]), min_size=1, max_size=4), st.lists(st.integers(0, 9999))
)
def test_however_requests_are_cut_into_packets_each_is_answered_in_order(server, texts, cuts):
    data = b"".join(chat(text) for text in texts)
    places = sorted({0, *(cut % len(data) for cut in cuts), len(data)})
    with wire(server) as connection:
        connection.send(*(data[begin:end] for begin, end in pairwise(places)))
        assert [connection.response().text for _ in texts] == [text.upper() for text in texts]


def test_a_request_that_comes_byte_by_byte_is_answered(server):
    with wire(server) as connection:
        connection.send(*(bytes([byte]) for byte in chat("slowly")))
        assert connection.response().text == "SLOWLY"


def test_two_hundred_requests_at_once_are_answered_in_order(server):
    texts = [f"n{number}" for number in range(200)]
    with wire(server) as connection:
        connection.send(b"".join(map(chat, texts)))
        assert [connection.response().text for _ in texts] == [text.upper() for text in texts]


def test_a_slow_answer_is_waited_for_by_those_behind_it():
    first_may_go = threading.Event()

    async def held(request):
        await asyncio.get_running_loop().run_in_executor(None, first_may_go.wait)
        return "first"

    fake = FakeLLM().otherwise("second")
    fake.when(user="hold").reply(held)
    with fake.serve() as server, wire(server) as connection:
        connection.send(chat("hold"), chat("then"))
        with wire(server) as other:
            assert other.send(chat("meanwhile")).response().text == "second"
        first_may_go.set()
        assert [connection.response().text for _ in range(2)] == ["first", "second"]


def test_a_client_that_says_close_is_closed(server):
    with wire(server) as connection:
        answer = connection.send(chat("bye", "connection: close")).response()
        assert (answer.text, answer.headers["connection"], connection.everything()) == ("BYE", "close", b"")


def test_an_old_client_is_closed_after_its_answer(server):
    with wire(server) as connection:
        connection.send(chat("old", version="1.0"))
        assert (connection.response().text, connection.everything()) == ("OLD", b"")


def test_an_old_client_may_ask_to_be_kept(server):
    with wire(server) as connection:
        answers = [
            connection.send(chat(text, "connection: keep-alive", version="1.0")).response() for text in ("a", "b")
        ]
    assert [(answer.text, answer.headers["connection"]) for answer in answers] == [
        ("A", "keep-alive"),
        ("B", "keep-alive"),
    ]


def test_an_old_client_gets_a_stream_without_chunks(server):
    with wire(server) as connection:
        answer = connection.send(chat("hi", version="1.0", stream=True)).response()
    assert "transfer-encoding" not in answer.headers
    assert (answer.body[:6], answer.body[-14:]) == (b"data: ", b"data: [DONE]\n\n")


def test_a_stream_leaves_the_connection_free_for_the_next_request(server):
    with wire(server) as connection:
        assert connection.send(chat("hi", stream=True)).response().body.endswith(b"data: [DONE]\n\n")
        assert connection.send(chat("next")).response().text == "NEXT"


def test_the_answer_to_head_is_that_to_get_without_its_body(server):
    with wire(server) as connection:
        head = connection.send(get("/v1/models", method="HEAD")).response(of_head=True)
        whole = connection.send(get("/v1/models")).response()
    assert (head.status, head.body) == (200, b"")
    assert len(whole.body) > 0


def test_a_client_that_waits_to_be_told_is_told_to_go_on(server):
    head, _, body = chat("big", "expect: 100-continue").partition(b"\r\n\r\n")
    with wire(server) as connection:
        assert connection.send(head + b"\r\n\r\n").take(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert connection.send(body).response().text == "BIG"


def test_a_body_may_come_in_chunks(server):
    head, _, body = chat("chunks", "transfer-encoding: chunked").partition(b"\r\n\r\n")
    head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"content-length"))
    parts = b"".join(b"1;note=x\r\n%c\r\n" % byte for byte in body)
    with wire(server) as connection:
        connection.send(head, b"\r\n\r\n", parts, b"0\r\nx-trailer: 1\r\n\r\n", chat("after"))
        assert [connection.response().text for _ in range(2)] == ["CHUNKS", "AFTER"]


def compressed(encoding: str, body: bytes) -> bytes:
    return get("/v1/chat/completions", f"content-encoding: {encoding}", method="POST", body=body)


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_body_may_be_compressed(server, encoding, compress):
    plain = json.dumps({"model": "fake", "messages": [{"role": "user", "content": "small"}]}).encode()
    with wire(server) as connection:
        assert connection.send(compressed(encoding, compress(plain))).response().text == "SMALL"


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("br", b"abc", 415),
        ("gzip", b"abc", 400),
        ("gzip", gzip.compress(b"{}" * 99)[:-9], 400),
        ("gzip", gzip.compress(b" " * 20_000_000), 413),
    ],
    ids=["unknown", "no gzip", "cut", "too large"],
)
def test_a_body_that_cannot_be_decompressed_is_refused(encoding, body, status):
    with FakeLLM().serve(max_body=1_000_000) as server, wire(server) as connection:
        assert connection.send(compressed(encoding, body)).response().status == status


def test_a_client_that_wants_another_protocol_is_answered_in_this_one(server):
    with wire(server) as connection:
        connection.send(chat("h2", "connection: upgrade, http2-settings", "upgrade: h2c"))
        assert connection.response().text == "H2"


def test_a_url_with_scheme_and_host_is_its_path(server):
    with wire(server) as connection:
        connection.send(chat("proxied").replace(b"POST /", b"POST http://elsewhere/"))
        assert connection.response().text == "PROXIED"


def test_a_client_that_vanishes_in_a_stream_ends_it():
    fake = FakeLLM().otherwise("hi")
    fake.fail("stream_endless")
    with fake.serve() as server:
        with wire(server) as connection:
            connection.send(chat(stream=True)).take(1000)
        [exchange] = until(fake.journal, lambda exchanges: exchanges[0].ended is not None)
    assert exchange.error == "CancelledError"


def test_a_client_that_vanishes_in_a_reply_has_cancelled_it():
    fake = FakeLLM(latency=3600).otherwise("late")
    with fake.serve() as server:
        with wire(server) as connection:
            connection.send(chat())
            until(fake.journal, len)
        [exchange] = until(fake.journal, lambda exchanges: exchanges[0].ended is not None)
    assert (exchange.outcome, exchange.error, exchange.text) == ("cancelled", "CancelledError", "")


def test_a_client_that_vanishes_in_the_middle_of_a_streamed_reply_has_cancelled_it():
    fake = FakeLLM(latency=Latency(per_token=3600)).otherwise("one two three")
    with fake.serve() as server:
        with wire(server) as connection:
            connection.send(chat(stream=True)).take(100)
        [exchange] = until(fake.journal, lambda exchanges: exchanges[0].ended is not None)
    assert (exchange.outcome, exchange.error, exchange.bytes_out >= 100) == ("cancelled", "CancelledError", True)


def test_a_client_that_leaves_at_its_read_timeout_has_timed_out():
    fake = FakeLLM(latency=3600).otherwise("late")
    with fake.serve() as server:
        with wire(server) as connection:
            connection.send(chat("hello", "x-stainless-read-timeout: 0"))
            until(fake.journal, len)
        [exchange] = until(fake.journal, lambda exchanges: exchanges[0].ended is not None)
    assert (exchange.outcome, exchange.error) == ("cancelled", "AttemptTimeout")


def test_a_client_that_reads_nothing_is_not_sent_everything():
    fake = FakeLLM().otherwise("quick")
    fake.when(user="flood").fail("stream_endless")
    with fake.serve(speed=1e9) as server, wire(server) as deaf, wire(server) as other:
        deaf.send(chat("flood", stream=True))
        until(fake.journal, len)
        assert stalls(other, lambda: fake.journal.exchanges[0].bytes_out)


def test_a_client_that_reads_no_answers_is_not_answered_any_more():
    fake = FakeLLM().otherwise("x" * 300_000)
    with fake.serve() as server, wire(server) as deaf, wire(server) as other:
        server.put("other", FakeLLM(keep=10).otherwise("quick"))
        deaf.send(*[chat()] * 100)
        assert stalls(other, lambda: len(fake.journal))
        assert len(fake.journal) < 100


def stalls(other: Wire, measure) -> bool:
    """Whether it stays the same while others are answered."""
    seen: list[int] = []
    for _ in range(3000):
        other.send(chat("quick?", "x-kaizen-test: other")).response()
        seen.append(measure())
        if len(seen) > 100 and seen[-100] == seen[-1]:
            return True
    return False


def test_the_journal_counts_what_went_over_the_wire():
    fake = FakeLLM().otherwise("hi")
    with fake.serve() as server, wire(server) as connection:
        connection.send(chat("hello", "connection: close"))
        data = connection.everything()
    [exchange] = fake.journal.exchanges
    body = chat("hello").partition(b"\r\n\r\n")[2]
    assert (exchange.door, exchange.bytes_in, exchange.bytes_out) == ("server", len(body), len(data))
    assert exchange.started_ns <= exchange.first_byte_ns <= exchange.ended_ns
