"""A request on its way through a cassette: its client sees the same straight, while it is recorded, and replayed."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from contextlib import suppress
from types import ModuleType
from typing import Any

import anyio
import httpx
import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from passage_doubles import Client, Reel, Told, seen, seen_async

from kaizen_eval.errors import CassetteMiss, NeedsVirtualTime
from kaizen_eval.recording.exchange import Failure
from kaizen_eval.recording.settings import CassetteSettings
from kaizen_eval.resilience.clock import VirtualClock, now_ns, sleep, virtual_time

RECORD = CassetteSettings(mode="record")
CLIENTS = [httpx, httpx2]

clients = pytest.mark.parametrize("http", CLIENTS, ids=lambda http: http.__name__)

PACK = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
}
PACK["x-raw-deflate"] = lambda data: zlib.compress(data)[2:-4]

ERRORS = ["ReadError", "ReadTimeout", "RemoteProtocolError", "ConnectError", "ConnectTimeout", "WriteError"]


@st.composite
def tellings(draw: Any) -> Told:
    """Any service: plain or compressed, whole or cut, ended or broken."""
    body = draw(st.binary(max_size=200) | st.just(b"data: {}\n\n" * 40))
    coding = draw(st.none() | st.sampled_from(sorted(PACK)))
    headers = [("content-type", "text/event-stream"), ("X-Twice", "a"), ("x-twice", "b")]
    if coding is not None:
        body = PACK[coding](body)
        headers.append(("Content-Encoding", coding.replace("x-raw-", "")))
    body = body[: draw(st.integers(0, len(body)) | st.just(len(body)))]
    if draw(st.booleans()):
        headers.append(("content-length", str(len(body))))
    cuts = sorted(draw(st.sets(st.integers(1, len(body) - 1), max_size=5))) if len(body) > 1 else []
    pieces = tuple(body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True) if body)
    return Told(
        draw(st.sampled_from([200, 204, 304, 400, 429, 500, 529])),
        tuple(headers),
        pieces,
        draw(st.none() | st.sampled_from(ERRORS)),
        draw(st.booleans()),
    )


def all_ways(http: ModuleType, told: Told, *, read: int | None = None) -> list[Any]:
    """What sync and async clients see: straight, recording, replaying what either recorded."""
    ways = [seen(Client(http, None, told).sync(), read=read)]
    for of in (_sync, _async):
        reel = Reel(RECORD)
        ways.append(of(http, reel, told, read))
        ways.extend(again(http, reel.as_replay(), UNREACHED, read) for again in (_sync, _async))
    return ways


def _sync(http: ModuleType, reel: Reel, told: Told, read: int | None) -> list[Any]:
    return seen(Client(http, reel, told).sync(), read=read)


def _async(http: ModuleType, reel: Reel, told: Told, read: int | None) -> list[Any]:
    return asyncio.run(seen_async(Client(http, reel, told).asynchronous(), read=read))


UNREACHED = Told(has_head=False, error="ProxyError")


@settings(deadline=None)
@given(st.sampled_from(CLIENTS), tellings())
def test_a_client_always_sees_the_same_straight_recording_and_replaying(http, told):
    straight, *others = all_ways(http, told)
    assert others == [straight] * 6


@settings(deadline=None)
@given(st.sampled_from(CLIENTS), tellings(), st.integers(1, 3))
def test_a_client_that_leaves_always_sees_the_same_straight_recording_and_replaying(http, told, read):
    straight, *others = all_ways(http, told, read=read)
    assert others == [straight] * 6


@given(st.lists(st.binary(min_size=1, max_size=4), min_size=2, max_size=6), st.data())
def test_of_a_client_that_leaves_always_just_what_it_read_is_recorded(pieces, data):
    read = data.draw(st.integers(1, len(pieces) - 1))
    reel = Reel(RECORD)
    seen(Client(httpx2, reel, Told(pieces=tuple(pieces))).sync(), read=read)
    [exchange] = reel.exchanges
    assert ([piece.data for piece in exchange.response.pieces()], exchange.was_left) == (pieces[:read], True)


@clients
def test_who_reads_further_than_was_recorded_misses(http):
    reel = Reel(RECORD)
    told = Told(pieces=(b"a", b"b", b"c"))
    seen(Client(http, reel, told).sync(), read=2)
    replay = reel.as_replay()
    *got, (kind, words) = seen(Client(http, replay, UNREACHED).sync())
    assert (got, kind) == ([(200, "text/plain"), b"a", b"b"], CassetteMiss)
    assert ("stopped reading after 2 pieces" in words, replay.noted) == (True, [words])


def test_a_client_that_leaves_closes_the_connection():
    told = Told(pieces=(b"a", b"b"))
    seen(Client(httpx2, Reel(RECORD), told).sync(), read=1)
    assert told.is_closed


@pytest.mark.parametrize(
    "told",
    [
        Told(pieces=(b"data: 1\n\n", b"data: [DONE]\n\n", b"")),
        Told(pieces=(b"data: 1\n\n", b"data: [D", b"ONE]\n\n")),
        Told(pieces=(b"12", b"34"), headers=(("content-length", "4"),)),
    ],
)
def test_a_client_that_has_read_all_but_the_end_has_not_left(told):
    reel = Reel(RECORD)
    seen(Client(httpx2, reel, told).sync(), read=len([piece for piece in told.pieces if piece]))
    assert [exchange.was_left for exchange in reel.exchanges] == [False]


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_an_answer_without_a_body_that_nobody_reads_is_whole(method, status):
    reel = Reel(RECORD)
    told = Told(status, headers=(("content-length", "5"),))
    with Client(httpx2, reel, told).sync() as client, client.stream(method, "http://service.invalid/"):
        pass
    assert [exchange.was_left for exchange in reel.exchanges] == [False]


@clients
def test_pieces_keep_their_sizes_and_instants(http):
    async def ask():
        reel = Reel(RECORD)

        class Slow(Told):
            def answer(self, http: ModuleType, request: Any) -> Any:
                response = super().answer(http, request)
                response.stream = type("Slowly", (_Slowly, http.AsyncByteStream), {})()
                return response

        await seen_async(Client(http, reel, Slow()).asynchronous())
        [exchange] = reel.exchanges
        return exchange.response.sizes, exchange.response.offsets_us

    assert VirtualClock().run(ask()) == ((1, 2, 3), (1_000_000, 2_500_000, 5_500_000))


class _Slowly:
    async def __aiter__(self):
        for seconds, data in ((1, b"a"), (1.5, b"bb"), (3, b"ccc")):
            await sleep(seconds)
            yield data


def recorded_slowly(*, limit: float = 10) -> Reel:
    """Pieces at 1, 2.5 and 5.5 s; by a caller with a time limit."""
    reel = Reel(RECORD)

    async def ask():
        told = Told()
        client = Client(httpx2, reel, told)
        with_pauses = told.answer

        def answer(http, request):
            response = with_pauses(http, request)
            response.stream = type("Slowly", (_Slowly, http.AsyncByteStream), {})()
            return response

        told.answer = answer
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await seen_async(client.asynchronous())

    VirtualClock().run(ask())
    return reel


async def timed(client: Any, **request: Any) -> list[Any]:
    """What comes, with the seconds since the request."""
    start, came = now_ns(), []
    try:
        async with (
            client,
            client.stream("POST", "http://service.invalid/v1/ask", content=b"question", **request) as got,
        ):
            chunks = aiter(got.aiter_bytes())
            while chunk := await anext(chunks, b""):
                came.append(((now_ns() - start) / 1e9, chunk))
    except httpx2.HTTPError as error:
        came.append(((now_ns() - start) / 1e9, type(error)))
    return came


def test_at_the_recorded_pace_each_piece_comes_when_it_came():
    replay = Client(httpx2, recorded_slowly().as_replay(pace="recorded"), UNREACHED)
    came = VirtualClock().run(timed(replay.asynchronous(), timeout=10))
    assert came == [(1.0, b"a"), (2.5, b"bb"), (5.5, b"ccc")]


def test_at_the_recorded_pace_a_client_that_waits_no_longer_gives_up():
    replay = Client(httpx2, recorded_slowly().as_replay(pace="recorded"), UNREACHED)
    came = VirtualClock().run(timed(replay.asynchronous(), timeout=2))
    assert came == [(1.0, b"a"), (2.5, b"bb"), (4.5, httpx2.ReadTimeout)]


def test_at_once_nothing_waits():
    replay = Client(httpx2, recorded_slowly().as_replay(), UNREACHED)
    came = VirtualClock().run(timed(replay.asynchronous(), timeout=0.001))
    assert came == [(0.0, b"a"), (0.0, b"bb"), (0.0, b"ccc")]


def test_a_synchronous_client_waits_on_virtual_time():
    replay = Client(httpx2, recorded_slowly().as_replay(pace="recorded"), UNREACHED)
    with virtual_time() as clock:
        got = seen(replay.sync())
        assert (got, clock.elapsed) == ([(200, "text/plain"), b"a", b"bb", b"ccc"], 5.5)


@clients
def test_the_recorded_pace_needs_virtual_time(http):
    replay = Client(http, recorded_slowly().as_replay(pace="recorded"), UNREACHED)
    [(kind, words)] = seen(replay.sync())
    assert (kind, "virtual_time()" in words) == (NeedsVirtualTime, True)


async def left_unanswered(reel: Reel) -> None:
    async def never(_):
        await sleep(2)

    client = Client(httpx2, reel, Told())
    client._send_async = never
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await seen_async(client.asynchronous())


def test_a_caller_that_gave_up_gives_up_again():
    reel = Reel(RECORD)
    VirtualClock().run(left_unanswered(reel))
    assert [(exchange.failure.error, exchange.response) for exchange in reel.exchanges] == [("CancelledError", None)]

    async def again():
        async with asyncio.timeout(1):
            await seen_async(Client(httpx2, reel.as_replay(), UNREACHED).asynchronous())

    with pytest.raises(TimeoutError):
        VirtualClock().run(again())


def test_a_caller_that_gave_up_amid_a_body_gives_up_again():
    reel = recorded_slowly(limit=2)
    assert [(e.failure.error, e.response.sizes) for e in reel.exchanges] == [("CancelledError", (1,))]

    async def again() -> None:
        async with asyncio.timeout(2):
            await seen_async(Client(httpx2, reel.as_replay(), UNREACHED).asynchronous())

    with pytest.raises(TimeoutError):
        VirtualClock().run(again())


def test_a_synchronous_client_does_not_wait_for_a_caller_to_give_up():
    [*_, (kind, words)] = seen(Client(httpx2, recorded_slowly(limit=2).as_replay(), UNREACHED).sync())
    assert (kind, "stopped reading after 1 piece," in words) == (CassetteMiss, True)


def test_a_caller_that_waits_where_the_recorded_one_gave_up_misses():
    reel = Reel(RECORD)
    VirtualClock().run(left_unanswered(reel))
    client = Client(httpx2, reel.as_replay(), UNREACHED).asynchronous()
    client.timeout = None
    [(kind, words)] = VirtualClock().run(seen_async(client))
    assert (kind, "before any answer came" in words) == (CassetteMiss, True)


def test_a_caller_that_waits_where_the_recorded_one_gave_up_meets_its_own_time_limit():
    reel = Reel(RECORD)
    VirtualClock().run(left_unanswered(reel))
    client = Client(httpx2, reel.as_replay(), UNREACHED).asynchronous()
    client.timeout = 3
    assert VirtualClock().run(seen_async(client)) == [(httpx2.ReadTimeout, "no answer within 3 s")]


@clients
def test_an_error_that_is_not_the_client_s_cannot_be_raised_again(http):
    class Broken(Told):
        def answer(self, http: ModuleType, request: Any) -> Any:
            raise RuntimeError("a bug")

    reel = Reel(RECORD)
    assert seen(Client(http, reel, Broken()).sync()) == [(RuntimeError, "a bug")]
    [(kind, words)] = seen(Client(http, reel.as_replay(), UNREACHED).sync())
    assert (kind, "RuntimeError ended it (a bug)" in words) == (CassetteMiss, True)


@clients
@pytest.mark.parametrize("error", [ssl.SSLEOFError(8, "the peer went away"), anyio.EndOfStream()], ids=repr)
def test_errors_of_connections_that_clients_let_through_are_raised_again(http, error):
    class Broken(Told):
        def answer(self, http: ModuleType, request: Any) -> Any:
            raise error

    reel = Reel(RECORD)
    seen(Client(http, reel, Broken()).sync())
    [(kind, words)] = seen(Client(http, reel.as_replay(), UNREACHED).sync())
    assert (issubclass(type(error), kind), words) == (True, str(error))


def test_an_error_of_a_kind_of_one_s_own_is_recorded_as_the_client_s():
    class Impatient(httpx2.ReadTimeout):
        pass

    class Broken(Told):
        def answer(self, http: ModuleType, request: Any) -> Any:
            raise Impatient("enough")

    reel = Reel(RECORD)
    seen(Client(httpx2, reel, Broken()).sync())
    assert [exchange.failure.error for exchange in reel.exchanges] == ["ReadTimeout"]


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("gzip, deflate, br, zstd", "gzip, deflate"),
        ("br;q=1, GZIP;q=0.5, *;q=0", "GZIP;q=0.5"),
        ("br", "identity"),
        ("identity", "identity"),
    ],
)
def test_only_what_can_be_read_is_asked_for(asked, sent):
    told = Told()
    with Client(httpx2, Reel(RECORD), told).sync() as client:
        client.post("http://service.invalid/", headers={"accept-encoding": asked}, content=b"x", extensions={"a": 1})
    [request] = told.sent
    assert (request.headers["accept-encoding"], request.read(), request.extensions["a"]) == (sent, b"x", 1)


def test_a_request_without_a_wish_gets_none():
    told = Told()
    with Client(httpx2, Reel(RECORD), told).sync() as client:
        del client.headers["accept-encoding"]
        client.get("http://service.invalid/")
    assert "accept-encoding" not in told.sent[0].headers


def test_a_compression_that_is_not_known_stays_with_its_header():
    told = Told(pieces=(b"\x00\x01",), headers=(("content-encoding", "zz"),))
    reel = Reel(RECORD)
    seen(Client(httpx2, reel, told).sync())
    response = reel.exchanges[0].response
    assert (response.headers, response.body.data) == ((("content-encoding", "zz"),), b"\x00\x01")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_small_body_that_unpacks_to_a_huge_one_comes_in_parts(coding):
    told = Told(pieces=(PACK[coding](bytes(3 * 2**20)),), headers=(("content-encoding", coding),))
    reel = Reel(RECORD)
    seen(Client(httpx2, reel, told).sync())
    assert reel.exchanges[0].response.sizes == (2**20,) * 3


def test_a_compressed_request_is_kept_readable():
    reel = Reel(RECORD)
    with Client(httpx2, reel, Told()).sync() as client:
        client.post("http://service.invalid/", content=gzip.compress(b"{}"), headers={"content-encoding": "gzip"})
        client.post("http://service.invalid/", content=b"torn", headers={"content-encoding": "gzip"})
    assert [raw.body for raw in reel.asked] == [b"{}", b"torn"]


def test_a_request_that_is_streamed_is_asked_for_whole():
    reel, told = Reel(RECORD), Told()
    with Client(httpx2, reel, told).sync() as client:
        client.post("http://service.invalid/", content=iter([b"a", b"b"]))
    assert ([raw.body for raw in reel.asked], told.sent[0].read()) == ([b"ab"], b"ab")


@clients
def test_a_replayed_response_is_as_complete_as_a_real_one(http):
    reel = Reel(RECORD)
    seen(Client(http, reel, Told(529, (("Retry-After", "1"), ("retry-after", "2")), (b"x",))).sync())
    with Client(http, reel.as_replay(), UNREACHED).sync() as client:
        response = client.post("http://service.invalid/v1/ask", content=b"question")
    assert (response.http_version, response.status_code, response.text) == ("HTTP/1.1", 529, "x")
    assert (response.headers.get_list("retry-after"), response.request.method) == (["1", "2"], "POST")
    assert (response.elapsed.total_seconds() >= 0, response.num_bytes_downloaded) == (True, 1)


@clients
def test_redirects_are_followed_in_a_replay(http):
    def told(_, request):
        moved = request.url.path == "/old"
        return http.Response(302 if moved else 200, headers={"location": "/new"} if moved else {}, text="there")

    reel = Reel(RECORD)
    for cassette, service in ((reel, Told()), (None, UNREACHED)):
        service.answer = told if service is not UNREACHED else service.answer
        with Client(http, cassette or reel.as_replay(), service).sync() as client:
            response = client.get("http://service.invalid/old", follow_redirects=True)
        assert (response.text, [past.status_code for past in response.history]) == ("there", [302])


@clients
def test_verify_answers_as_recorded_and_takes_what_comes_now(http):
    reel = Reel(RECORD)
    seen(Client(http, reel, Told(pieces=(b"then",))).sync())
    for of in (_sync, _async):
        verifying = Reel(CassetteSettings(mode="verify"), list(reel.exchanges))
        got = of(http, verifying, Told(pieces=(b"now", b"!"), error="ReadError"), None)
        assert got == [(200, "text/plain"), b"then"]
        [now] = verifying.exchanges
        assert (now.response.body.data, now.failure.error) == (b"now!", "ReadError")


def test_verify_reads_of_a_stream_no_more_than_its_client_did():
    reel = Reel(RECORD)
    seen(Client(httpx2, reel, Told(pieces=(b"aa", b"bb"))).sync(), read=1)
    for of in (_sync, _async):
        verifying = Reel(CassetteSettings(mode="verify"), list(reel.exchanges))
        of(httpx2, verifying, Told(pieces=(b"aa",) * 9), 1)
        assert [(now.response.body.data, now.was_left) for now in verifying.exchanges] == [(b"aa", True)]


@clients
def test_live_tells_nobody_and_changes_nothing(http):
    told = Told(pieces=(gzip.compress(b"x"),), headers=(("content-encoding", "gzip"),))
    reel = Reel(CassetteSettings(mode="live"))
    with Client(http, reel, told).sync() as client:
        response = client.get("http://service.invalid/")
    assert (response.text, response.headers["content-encoding"], reel.exchanges) == ("x", "gzip", [])


def test_a_failure_keeps_its_words():
    reel = Reel(RECORD)
    VirtualClock().run(seen_async(Client(httpx2, reel, Told(has_head=False, error="ConnectError")).asynchronous()))
    assert [exchange.failure for exchange in reel.exchanges] == [Failure("ConnectError", "as told", 0)]
