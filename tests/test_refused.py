"""Requests that are refused: exchanges of the journal at every door, with the reason, and no attempts."""

from __future__ import annotations

import gzip
import json
from dataclasses import astuple

import httpx2
import pytest
from fake_asking import ask, ask_all, asking
from hypothesis import given
from hypothesis import strategies as st
from server_talk import chat, control, get, until, wire

from kaizen_eval.errors import RequestRejected
from kaizen_eval.fake import FakeLLM, Journal, WhyRefused

CHAT = "POST /v1/chat/completions"
BAD_KEY = "Incorrect API key provided: ***. You can find your API key at https://platform.openai.com/account/api-keys."
KEY = "authorization: Bearer right"
NOT_HTTP = "The request is no HTTP: "


def posted(body: bytes, *lines: str, path: str = "/v1/chat/completions") -> bytes:
    kind = "content-type: application/json"
    return get(path, KEY, kind, *lines, method="POST", body=body)


REFUSED = {
    "unknown field": (chat("hi", KEY, colour="red"), CHAT, 400, "chat"),
    "no JSON": (posted(b'{"model":'), CHAT, 400, "chat"),
    "wrong key": (chat("hi", "authorization: Bearer wrong"), CHAT, 401, "chat"),
    "no key": (chat("hi"), CHAT, 401, "chat"),
    "not spoken": (get("/v1/files?api_key=hush", KEY), "GET /v1/files", 404, ""),
    "unknown response": (get("/v1/responses/resp_x", KEY), "", 404, "responses"),
    "wrong method": (get("/v1/embeddings", KEY), "GET /v1/embeddings", 405, "embeddings"),
    "too long": (get("/v1/responses", KEY, method="POST", body=b"x" * 3000), "POST /v1/responses", 413, "responses"),
    "unpacks too long": (
        posted(gzip.compress(b" " * 3000), "content-encoding: gzip"),
        CHAT,
        413,
        "chat",
    ),
    "unknown packing": (posted(b"{}", "content-encoding: br"), CHAT, 415, "chat"),
    "long head": (get("/v1/models", KEY, "x: " + "y" * 3000), "GET /v1/models", 431, "models"),
    "expects much": (posted(b"{}", "expect: miracles"), CHAT, 417, "chat"),
    "no HTTP": (b"\x16\x03\x01 hello\r\n\r\n", "", 400, ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_server_refuses_is_in_its_journal_with_the_reason(name):
    request, asked, status, endpoint = REFUSED[name]
    fake = FakeLLM().otherwise("never said")
    fake.forgive_misses()
    with fake.serve(api_key="right", max_body=2000, max_head=2000) as server:
        with wire(server) as connection:
            answer = connection.send(request).response()
        [told] = control(server, "/journal", KEY).json()["exchanges"]
    message = answer.json()["error"]["message"]
    [exchange] = fake.exchanges
    assert (exchange.refused.asked, exchange.refused.status, exchange.refused.message) == (asked, status, message)
    assert (exchange.outcome, exchange.endpoint, exchange.door) == ("refused", endpoint, "server")
    assert (exchange.usage, exchange.text, exchange.rule, exchange.error is None) == (None, "", "", False)
    assert exchange.started_ns <= exchange.first_byte_ns <= exchange.ended_ns
    assert exchange.bytes_out > len(answer.body)
    assert (told["outcome"], told["refused"]["asked"], told["refused"]["status"]) == ("refused", asked, status)
    assert (told["near_misses"], "hush" in json.dumps(told)) == ([], False)


def test_what_is_not_legible_says_what_is_wrong_with_it():
    fake = FakeLLM()
    with fake.serve() as server, wire(server) as connection:
        connection.send(get("/v1/chat/completions", method="POST", body=b'{"model": ')).response()
    assert fake.exchanges[0].refused.detail == "Expecting value: line 1 column 11 (char 10)"


def test_of_a_stranger_nothing_is_kept_but_that_they_came():
    fake = FakeLLM()
    with fake.serve(api_key="right") as server:
        with wire(server) as connection:
            connection.send(chat("a secret of mine", "authorization: Bearer wrong")).response()
        told = control(server, "/journal", KEY).body.decode()
    assert ("secret" in told, "wrong" in told) == (False, False)
    assert fake.exchanges[0].refused == WhyRefused(CHAT, 401, BAD_KEY)
    assert json.loads(told)["exchanges"][0]["request"] == {"headers": {}, "messages": [], "body": None}


def test_a_long_path_does_not_fill_the_journal():
    fake = FakeLLM()
    fake.forgive_misses()
    with fake.serve() as server, wire(server) as connection:
        assert len(connection.send(get(f"/v1/{'x' * 5000}")).response().body) > 5000
    why = fake.exchanges[0].refused
    assert (len(why.asked), len(why.message)) == (1000, 1000)


def test_what_a_refused_request_said_is_shown():
    fake = FakeLLM()
    with fake.serve() as server:
        with wire(server) as connection:
            connection.send(chat("hi", 'x-kaizen-session: "s"', colour="red")).response()
        [told] = control(server, "/journal").json()["exchanges"]
    assert (told["model"], told["session"], told["request"]["body"]["colour"]) == ("fake", "s", "red")


def test_half_a_request_is_in_the_journal_once_it_is_given_up():
    fake = FakeLLM()
    with fake.serve(head_seconds=0.05) as server, wire(server) as connection:
        connection.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n")
        assert connection.response().status == 408
        [exchange] = until(fake.journal, lambda exchanges: len(exchanges) == 1)
    assert astuple(exchange.refused)[:3] == (CHAT, 408, "The request did not arrive in time.")


def test_a_refused_request_is_in_the_journal_of_its_test():
    with FakeLLM().serve() as server:
        with wire(server) as connection:
            connection.send(chat("hi", "x-kaizen-test: mine", colour="red")).response()
        assert [len(server.fake(name).exchanges) for name in ("mine", "")] == [1, 0]


def test_control_paths_that_refuse_are_no_exchanges():
    fake = FakeLLM()
    with fake.serve(max_body=100) as server:
        assert control(server, "/script", method="POST", body=b"x" * 101).status == 413
        assert control(server, "/script", method="POST", body=b"rules: 3").status == 400
        assert control(server, "/nowhere").status == 404
    assert fake.exchanges == ()


def test_a_preflight_is_no_exchange():
    fake = FakeLLM()
    with fake.serve() as server, wire(server) as connection:
        assert connection.send(get("/v1/models", method="OPTIONS")).response().status == 200
    assert fake.exchanges == ()


def test_the_transport_refuses_as_the_server_does():
    fake = FakeLLM()
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "colour": "red"}
    with httpx2.Client(transport=fake.transport()) as client:
        refused = client.post("http://fake/v1/chat/completions", json=body)
    [exchange] = fake.exchanges
    assert (refused.status_code, exchange.door, exchange.outcome) == (400, "sdk", "refused")
    assert exchange.refused == WhyRefused(CHAT, 400, refused.json()["error"]["message"])
    assert exchange.ended_ns is not None


def test_refused_requests_disturb_no_assertion_over_attempts():
    fake = FakeLLM(latency=1).otherwise("hi")
    fake.fail("rate_limit").times(1)
    ask_all(fake, asking(), asking(temperature=3), asking())
    fake.assert_outcomes("rate_limit", "refused", "reply")
    fake.assert_attempts(2)
    fake.assert_calls(1)
    fake.assert_waited(0)
    fake.assert_sessions_isolated()
    assert (len(fake.requests), fake.journal.misses, fake.journal.usage.total > 0) == (2, (), True)
    assert [exchange.number for exchange in fake.journal.attempts] == [1, 3]


def test_a_failing_assertion_shows_what_was_refused():
    fake = FakeLLM()
    with pytest.raises(RequestRejected):
        ask(fake, temperature=3)
    with pytest.raises(AssertionError) as caught:
        fake.assert_calls(1)
    assert "1 call wanted, 0 made." in str(caught.value)
    assert f"{CHAT}  " in str(caught.value)
    assert "refused: 400 Invalid 'temperature" in str(caught.value)


@given(st.lists(st.booleans(), max_size=12), st.integers(1, 4))
def test_a_bounded_journal_always_counts_attempts_and_refused_requests(good, keep):
    fake = FakeLLM(keep=keep).otherwise("hi")
    ask_all(fake, *(asking() if is_good else asking(temperature=3) for is_good in good))
    journal: Journal = fake.journal
    assert (len(journal), journal.refused) == (len(good), good.count(False))
    assert len(journal.exchanges) == min(keep, len(good))
    fake.assert_attempts(good.count(True))
