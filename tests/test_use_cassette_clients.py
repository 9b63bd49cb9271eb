"""Every HTTP client that vcrpy patches is answered from the cassette in use, in its own way."""

from __future__ import annotations

import gzip
import http.client
import json
import zlib

import aiohttp
import pytest
import requests
import urllib3
from cassette_doubles import CLIENTS, Listed, answering, exchange_of, failing, serving, using

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording.clients.client_errors import errors_of_aiohttp
from kaizen_eval.recording.clients.patches import http_clients_patched
from kaizen_eval.recording.exchange import Failure

EVERY_CLIENT = pytest.mark.parametrize("ask", CLIENTS.values(), ids=CLIENTS)
FAR = "https://api.example.com"


@pytest.fixture(autouse=True)
def patched():
    with http_clients_patched():
        yield


@EVERY_CLIENT
def test_an_answer_comes_from_the_cassette(ask):
    with using(answering(hello="world")):
        assert ask(FAR, "hello") == "world"


@EVERY_CLIENT
def test_a_miss_is_raised_as_it_is(ask):
    with using(answering(hello="world")), pytest.raises(CassetteMiss, match="nothing for b'bye'"):
        ask(FAR, "bye")


@EVERY_CLIENT
def test_the_request_is_seen_whole(ask):
    with using(answering(hello="world")) as cassette:
        ask(FAR, "hello")
    assert [(raw.method, raw.url, raw.body) for raw in cassette.asked] == [("POST", f"{FAR}/ask", b"hello")]


@EVERY_CLIENT
def test_what_the_service_answers_is_taken(ask):
    with serving() as service, using(Listed(mode="record")) as cassette:
        assert ask(service.url, "hello") == "live: hello"
    assert [take.told for take in cassette.takes] == [[(200, "text/plain"), b"live: hello", "end"]]


@EVERY_CLIENT
def test_verifying_calls_the_service_and_answers_from_the_cassette(ask):
    recorded = [exchange_of(b"hello", b"recorded")]
    with serving() as service, using(Listed(recorded, mode="verify")) as cassette:
        assert ask(service.url, "hello") == "recorded"
    assert [take.told for take in cassette.takes] == [[(200, "text/plain"), b"live: hello", "end"]]


@EVERY_CLIENT
def test_verifying_answers_also_when_the_service_is_gone(ask):
    with serving() as service:
        pass
    with using(Listed([exchange_of(b"hello", b"recorded")], mode="verify")) as cassette:
        assert ask(service.url, "hello") == "recorded"
    assert [take.told for take in cassette.takes] == [["ConnectError"]]


@EVERY_CLIENT
def test_without_a_cassette_the_service_is_asked(ask):
    with serving() as service:
        assert (ask(service.url, "hello"), service.asked) == ("live: hello", [b"hello"])


@EVERY_CLIENT
def test_a_live_cassette_neither_plays_nor_takes(ask):
    with serving() as service, using(Listed(mode="live")) as cassette:
        assert ask(service.url, "hello") == "live: hello"
    assert cassette.takes == []


@EVERY_CLIENT
def test_the_innermost_cassette_is_asked(ask):
    with using(answering(hello="outer")), using(answering(hello="inner")):
        assert ask(FAR, "hello") == "inner"


@EVERY_CLIENT
@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_answers_are_taken_readable(ask, coding, encode):
    with serving(coding=coding, encode=encode) as service, using(Listed(mode="record")) as cassette:
        assert ask(service.url, "hello") == "live: hello"
    assert [take.told for take in cassette.takes] == [[(200, "text/plain"), b"live: hello", "end"]]


@EVERY_CLIENT
def test_a_service_that_is_gone_is_taken_as_a_failure(ask):
    with serving() as service:
        pass
    with (
        using(Listed(mode="record")) as cassette,
        pytest.raises(OSError if ask.__name__ != "by_urllib3" else Exception),
    ):
        ask(service.url, "hello")
    assert [take.told for take in cassette.takes] == [["ConnectError"]]


FAILURES = {
    "ConnectError": {
        "requests": requests.ConnectionError,
        "urllib3": urllib3.exceptions.NewConnectionError,
        "http.client": ConnectionRefusedError,
        "urllib": ConnectionRefusedError,
        "aiohttp": aiohttp.ClientConnectorError,
    },
    "ConnectTimeout": {
        "requests": requests.ConnectTimeout,
        "urllib3": urllib3.exceptions.ConnectTimeoutError,
        "http.client": TimeoutError,
        "urllib": TimeoutError,
        "aiohttp": aiohttp.ConnectionTimeoutError,
    },
    "ReadTimeout": {
        "requests": requests.ReadTimeout,
        "urllib3": urllib3.exceptions.ReadTimeoutError,
        "http.client": TimeoutError,
        "urllib": TimeoutError,
        "aiohttp": aiohttp.SocketTimeoutError,
    },
    "ReadError": {
        "requests": requests.ConnectionError,
        "urllib3": urllib3.exceptions.ProtocolError,
        "http.client": ConnectionResetError,
        "urllib": ConnectionResetError,
        "aiohttp": aiohttp.ClientOSError,
    },
    "RemoteProtocolError": {
        "requests": requests.ConnectionError,
        "urllib3": urllib3.exceptions.ProtocolError,
        "http.client": http.client.RemoteDisconnected,
        "urllib": http.client.RemoteDisconnected,
        "aiohttp": aiohttp.ServerDisconnectedError,
    },
}


@EVERY_CLIENT
@pytest.mark.parametrize("error", FAILURES)
def test_a_recorded_failure_is_raised_again(ask, error):
    client = next(name for name, function in CLIENTS.items() if function is ask)
    with using(Listed([failing(b"hello", error)])), pytest.raises(FAILURES[error][client]):
        ask(FAR, "hello")


def test_a_response_has_its_status_and_headers_again():
    exchange = exchange_of(b"hello", b"{}", status=429, headers=(("retry-after", "2"), ("x-a", "1"), ("x-a", "2")))
    with using(Listed([exchange])):
        response = requests.post(f"{FAR}/ask", data="hello", timeout=9)
    assert (response.status_code, response.reason, dict(response.headers)) == (
        429,
        "Too Many Requests",
        {"retry-after": "2", "x-a": "1, 2"},
    )


def test_an_empty_answer_is_one():
    with using(Listed([exchange_of(b"hello", b"", status=204)])):
        response = requests.post(f"{FAR}/ask", data="hello", timeout=9)
    assert (response.status_code, response.content) == (204, b"")


def test_a_session_may_live_longer_than_its_cassettes():
    with requests.Session() as session, serving() as service:
        texts = []
        for cassette in (answering(hello="first"), answering(hello="second")):
            with using(cassette):
                texts.append(session.post(f"{service.url}/ask", data="hello").text)
        texts.append(session.post(f"{service.url}/ask", data="hello").text)
        with using(answering(hello="third")):
            texts.append(session.post(f"{service.url}/ask", data="hello").text)
    assert texts == ["first", "second", "live: hello", "third"]


def test_a_request_body_that_is_an_iterator_is_seen_whole():
    with using(answering(hello="world")):
        assert requests.post(f"{FAR}/ask", data=iter([b"hel", b"lo"]), timeout=9).text == "world"


async def asked_by_aiohttp(**settings: object) -> tuple[bytes, str | None]:
    """The body and the type of what a session asks."""
    cassette = Listed(mode="record")
    with serving() as service, using(cassette):
        async with aiohttp.ClientSession(service.url) as session, session.post("/ask", **settings) as response:
            await response.read()
    (raw,) = cassette.asked
    assert service.asked == [raw.body]
    return raw.body, dict(raw.headers).get("content-type")


@pytest.mark.asyncio
async def test_json_of_aiohttp_is_seen_as_it_is_sent():
    body = {"messages": [{"role": "user", "content": "é"}]}
    assert await asked_by_aiohttp(json=body) == (json.dumps(body).encode(), "application/json")


@pytest.mark.asyncio
async def test_a_form_of_aiohttp_is_seen_as_it_is_sent():
    assert await asked_by_aiohttp(data={"b": "2", "a": "1 2"}) == (
        b"b=2&a=1+2",
        "application/x-www-form-urlencoded",
    )


@pytest.mark.asyncio
async def test_a_multipart_form_of_aiohttp_is_seen_as_it_is_sent():
    form = aiohttp.FormData()
    form.add_field("file", b"abc", filename="a.txt")
    body, kind = await asked_by_aiohttp(data=form)
    assert (b'filename="a.txt"' in body, kind.split(";")[0]) == (True, "multipart/form-data")


@pytest.mark.asyncio
async def test_an_error_status_is_raised_where_aiohttp_was_told_to():
    with using(Listed([exchange_of(b"hello", b"{}", status=500)])):
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            with pytest.raises(aiohttp.ClientResponseError, match="500"):
                await session.post(f"{FAR}/ask", data=b"hello")


@pytest.mark.parametrize("error", [aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError])
def test_aiohttp_raises_again_what_it_raised_when_a_body_broke_off_or_no_answer_came(error):
    told = errors_of_aiohttp("api.example.com", 443, is_ssl=True)
    recorded = error("Response payload is not completed" if error is aiohttp.ClientPayloadError else "disconnected")
    raised = told.raised(Failure(told.named(recorded), str(recorded)))
    assert (type(raised), str(raised)) == (error, str(recorded))
