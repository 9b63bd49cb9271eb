"""The clients that vcrpy patches and few have installed: httplib2, botocore, tornado."""

from __future__ import annotations

import asyncio
import http.client

import pytest
from cassette_doubles import Listed, answering, exchange_of, failing, serving, using

from kaizen_eval.errors import CassetteMiss
from kaizen_eval.recording.clients.patches import http_clients_patched


def by_httplib2(base_url, question):
    httplib2 = pytest.importorskip("httplib2")
    client = httplib2.Http()
    try:
        return client.request(f"{base_url}/ask", "POST", body=question)[1].decode()
    finally:
        client.close()


def by_botocore(base_url, question):
    awsrequest = pytest.importorskip("botocore.awsrequest")
    port = int(base_url.rpartition(":")[2])
    return awsrequest.AWSHTTPConnectionPool("127.0.0.1", port).urlopen("POST", "/ask", body=question).data.decode()


def by_tornado(base_url, question):
    client = pytest.importorskip("tornado.httpclient").AsyncHTTPClient

    async def main():
        return (await client().fetch(f"{base_url}/ask", method="POST", body=question)).body.decode()

    return asyncio.run(main())


CLIENTS = [by_httplib2, by_botocore, by_tornado]
EVERY_CLIENT = pytest.mark.parametrize("ask", CLIENTS, ids=[ask.__name__ for ask in CLIENTS])
NEAR = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def patched():
    with http_clients_patched():
        yield


@EVERY_CLIENT
def test_an_answer_comes_from_the_cassette_and_a_miss_as_it_is(ask):
    with using(answering(hello="world")):
        assert ask(NEAR, "hello") == "world"
        with pytest.raises(CassetteMiss):
            ask(NEAR, "hello")


@EVERY_CLIENT
def test_what_the_service_answers_is_taken(ask):
    with serving() as service, using(Listed(mode="record")) as cassette:
        assert ask(service.url, "hello") == "live: hello"
    assert [take.told for take in cassette.takes] == [[(200, "text/plain"), b"live: hello", "end"]]


@EVERY_CLIENT
def test_a_service_that_is_gone_is_taken_as_a_failure(ask):
    with using(Listed(mode="record")) as cassette, pytest.raises(Exception):  # noqa: B017 - each has its own
        ask(NEAR, "hello")
    assert cassette.takes[0].told == ["ConnectError"]


@EVERY_CLIENT
def test_a_recorded_failure_is_raised_again(ask):
    with using(Listed([failing(b"hello", "ReadTimeout")])), pytest.raises(Exception, match=r"told|timed out|Timeout"):
        ask(NEAR, "hello")


@EVERY_CLIENT
def test_verifying_answers_from_the_cassette(ask):
    with serving() as service, using(Listed([exchange_of(b"hello", b"recorded")], mode="verify")) as cassette:
        assert ask(service.url, "hello") == "recorded"
    assert [take.told for take in cassette.takes] == [[(200, "text/plain"), b"live: hello", "end"]]


@EVERY_CLIENT
def test_without_a_cassette_the_service_is_asked(ask):
    with serving() as service:
        assert ask(service.url, "hello") == "live: hello"


class Secured(http.client.HTTPSConnection):
    """A user's own, made before anything was patched."""


class Old(http.client.HTTPConnection):
    def __init__(self, host):
        http.client.HTTPConnection.__init__(self, host)


def test_classes_that_stand_on_the_real_ones_can_be_made_meanwhile():
    with using(answering()):
        assert [type(made) for made in (Secured("api.example.com"), Old("api.example.com"))] == [Secured, Old]


def test_beside_a_cassette_the_real_classes_are_what_their_names_say():
    connection = http.client.HTTPConnection("api.example.com")
    assert (type(connection).__module__, isinstance(connection, http.client.HTTPConnection)) == ("http.client", True)
