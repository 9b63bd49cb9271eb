"""Connections of http.client that would go round the cassette in use: none of them does so silently."""

from __future__ import annotations

import http.client
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from cassette_doubles import by_requests, serving

from kaizen_eval.errors import CassetteMiss, UsageError
from kaizen_eval.recording import use_cassette


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cassette.yaml"


@contextmanager
def connected(url, kind=http.client.HTTPConnection):
    with closing(kind(urlsplit(url).hostname, urlsplit(url).port)) as connection:
        yield connection


def ask(connection, question):
    connection.request("POST", "/ask", body=question, headers={"content-length": str(len(question))})
    return connection.getresponse().read().decode()


@pytest.mark.parametrize("mode", ["replay", "record-missing", "verify"])
def test_one_that_was_open_before_is_refused(path, mode):
    with serving() as service, connected(service.url) as connection:
        with use_cassette(path, "record"):
            by_requests(service.url, "hello")
        ask(connection, "before")
        with use_cassette(path, mode, unused="ignore") as cassette:
            cassette.forgive_misses()
            with pytest.raises(UsageError, match="goes round the cassette"):
                ask(connection, "hello")
    assert service.asked == [b"hello", b"before"]


def test_so_is_one_of_a_class_that_was_imported_by_its_name(path):
    with serving() as service, use_cassette(path, "record") as cassette:
        cassette.forgive_misses()
        with connected(service.url, HTTPConnection) as connection, pytest.raises(UsageError, match="goes round"):
            ask(connection, "hello")
        by_requests(service.url, "bye")
    assert service.asked == [b"bye"]


def test_who_swallows_that_is_told_when_the_cassette_is_closed(path):
    with serving() as service, connected(service.url) as connection:
        ask(connection, "before")
        with (
            pytest.raises(CassetteMiss, match="made before the cassette came into use"),
            use_cassette(path, "record"),
            suppress(UsageError),
        ):
            ask(connection, "hello")


def test_it_goes_on_when_the_block_is_over_and_where_nothing_is_recorded(path):
    with serving() as service, connected(service.url) as connection:
        with use_cassette(path, "live"):
            live = ask(connection, "hello")
        assert (live, ask(connection, "bye")) == ("live: hello", "live: bye")
