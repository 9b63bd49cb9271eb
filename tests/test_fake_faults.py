"""The faults: what the caller gets for each, what is billed, and what is refused."""

from __future__ import annotations

import asyncio
import dataclasses
import re

import pytest
from fake_asking import ask, ask_all, asking, outcome_of

from kaizen_eval import errors
from kaizen_eval import fake as fake_package
from kaizen_eval.errors import ScriptError
from kaizen_eval.fake import (
    FAULTS,
    BadRequest,
    FakeLLM,
    Fault,
    HttpStatus,
    Latency,
    RateLimit,
    Reply,
    ServerError,
    faults,
)
from kaizen_eval.messages import ChatReply
from kaizen_eval.resilience.clock import virtual_time

PROVIDER_ERRORS = {
    "rate_limit": (errors.RateLimited, 429),
    "insufficient_quota": (errors.QuotaExceeded, 429),
    "server_error": (errors.ServerFailed, 500),
    "bad_request": (errors.RequestRejected, 400),
    "context_length_exceeded": (errors.ContextTooLong, 400),
    "authentication": (errors.AuthenticationFailed, 401),
    "permission_denied": (errors.PermissionDenied, 403),
    "not_found": (errors.NotFound, 404),
    "connection_refused": (errors.ConnectionLost, None),
    "connection_reset": (errors.ConnectionLost, None),
    "request_timeout": (errors.ServerFailed, 408),
    "conflict": (errors.ServerFailed, 409),
    "payload_too_large": (errors.RequestRejected, 413),
    "unprocessable": (errors.RequestRejected, 422),
    "bad_gateway": (errors.ServerFailed, 502),
    "service_unavailable": (errors.ServerFailed, 503),
    "gateway_timeout": (errors.ServerFailed, 504),
    "overloaded": (errors.ServerFailed, 529),
    "connection_closed": (errors.ConnectionLost, None),
    "connection_cut": (errors.ConnectionLost, None),
    "garbage": (errors.ConnectionLost, None),
    "reset_after_headers": (errors.ConnectionLost, None),
    "reset_in_body": (errors.ConnectionLost, None),
    "length_too_long": (errors.ConnectionLost, None),
    "length_too_short": (errors.BadResponse, 200),
    "invalid_chunk": (errors.ConnectionLost, None),
    "truncated_gzip": (errors.BadResponse, 200),
    "broken_gzip": (errors.BadResponse, None),
    "invalid_utf8": (errors.BadResponse, 200),
    "html_reply": (errors.BadResponse, 200),
    "truncated_json": (errors.BadResponse, 200),
    "not_json": (errors.BadResponse, 200),
    "wrong_shape": (errors.BadResponse, 200),
    "null_body": (errors.BadResponse, 200),
    "empty_body": (errors.BadResponse, 200),
}
STATUSES = {
    400: errors.RequestRejected,
    405: errors.RequestRejected,
    408: errors.ServerFailed,
    409: errors.ServerFailed,
    413: errors.RequestRejected,
    422: errors.RequestRejected,
    425: errors.ServerFailed,
    429: errors.RateLimited,
    502: errors.ServerFailed,
    529: errors.ServerFailed,
}
REPLIES = {
    "empty": ChatReply(text=""),
    "refusal": ChatReply(text=None, refusal="I'm sorry, but I can't help with that request."),
    "content_filter": ChatReply(text=None, finish_reason="content_filter"),
    "length": ChatReply(text='{"answer": "The capital of', finish_reason="length"),
    "malformed": ChatReply(text="Let me think about that for a moment."),
}


HARMLESS = {"slow_headers", "slow_body", "wrong_content_type"}


def raised(fault: object, **details: object) -> errors.ProviderError:
    """What the caller gets; the run's clock stands at a full second."""
    fake = FakeLLM()
    fake.fail(fault, **details)
    with pytest.raises(errors.ProviderError) as caught:
        ask(fake)
    return caught.value


def test_every_fault_is_tried_here():
    silent = {"hang", "half_open", "hang_in_body"}
    calling = {"tool_call_only", "broken_arguments", "unknown_tool", "wrong_tool_id"}
    elsewhere = {name for name, fault in FAULTS.items() if fault.is_of_streams}
    others = silent | calling | elsewhere | HARMLESS | {"http_status"}
    assert set(FAULTS) == PROVIDER_ERRORS.keys() | REPLIES.keys() | others


@pytest.mark.parametrize("name", PROVIDER_ERRORS)
def test_a_fault_of_the_wire_raises_its_error(name):
    error = raised(name)
    assert (type(error), error.status) == PROVIDER_ERRORS[name]


@pytest.mark.parametrize("status", STATUSES)
def test_any_status_raises_its_error(status):
    error = raised("http_status", status=status)
    assert (type(error), error.status) == (STATUSES[status], status)


@pytest.mark.parametrize("name", REPLIES)
def test_a_fault_of_the_model_is_a_reply_that_is_billed(name):
    fake = FakeLLM()
    fake.fail(name)
    reply = ask(fake)
    assert dataclasses.replace(reply, usage=REPLIES[name].usage, model=None, id=None) == REPLIES[name]
    assert reply.usage.prompt > 0
    assert fake.journal.usage == reply.usage


def test_a_tool_call_alone_has_no_text():
    fake = FakeLLM()
    fake.fail("tool_call_only", tool="search", arguments={"q": "Rome", "n": 1})
    reply = ask(fake)
    [call] = reply.tool_calls
    assert (reply.text, reply.finish_reason, call.name, call.arguments) == (
        None,
        "tool_calls",
        "search",
        '{"n": 1, "q": "Rome"}',
    )


@pytest.mark.parametrize("door", ["direct", "sdk"])
@pytest.mark.parametrize(("name", "least"), [("slow_headers", 0.5), ("slow_body", 1)])
def test_what_is_slow_takes_as_long_behind_both_doors(name, least, door):
    fake = FakeLLM()
    fake.fail(name, pace=0.005, reply="words")
    assert ask(fake, door=door).text == "words"
    [exchange] = fake.journal.exchanges
    assert least < exchange.seconds < 5


@pytest.mark.parametrize("name", ["hang", "half_open", "hang_in_body"])
@pytest.mark.parametrize("door", ["direct", "sdk"])
def test_a_hang_lasts_until_the_caller_gives_up(name, door):
    fake = FakeLLM()
    fake.fail(name)
    [came] = ask_all(fake, asking(), door=door)
    [exchange] = fake.journal.exchanges
    assert (type(came), exchange.seconds, exchange.error) == (TimeoutError, 5, "CancelledError")


def test_faults_of_the_wire_are_not_billed():
    fake = FakeLLM()
    for name in PROVIDER_ERRORS:
        fake.fail(name).times(1)
    ask_all(fake, *[asking()] * len(PROVIDER_ERRORS))
    assert [exchange.usage for exchange in fake.journal.exchanges] == [None] * len(PROVIDER_ERRORS)


@pytest.mark.parametrize(
    ("details", "seconds"),
    [
        ({}, None),
        ({"retry_after": 3600}, 3600),
        ({"retry_after": 0.5}, 0.5),
        ({"retry_after_ms": 50, "retry_after": 1}, 0.05),
        ({"retry_after": 3600, "retry_after_date": True}, 3600),
        ({"retry_after": 0.5, "retry_after_date": True}, 1),
        ({"retry_after": 12345678}, 12345678),
    ],
)
def test_retry_after_is_told_in_seconds_milliseconds_or_as_a_date(details, seconds):
    assert raised("rate_limit", **details).retry_after == seconds


@pytest.mark.parametrize("word", [True, False, None])
def test_the_provider_may_have_a_word_on_retrying(word):
    assert raised("bad_request", should_retry=word).should_retry is word


def test_the_message_is_the_providers():
    assert "429 (rate_limit_exceeded): Too many tokens." in str(raised("rate_limit", message="Too many tokens."))


def test_a_gateway_answers_with_a_page():
    error = raised("server_error", status=502, html=True)
    assert (type(error), error.status, str(error.body)[:6]) == (errors.ServerFailed, 502, "<html>")


def test_two_attempts_have_two_request_ids():
    fake = FakeLLM()
    fake.fail("server_error")
    first, second = ask_all(fake, asking(), asking())
    assert re.fullmatch(r"req_\w{34}", first.request_id)
    assert first.request_id != second.request_id


def test_a_fault_has_a_latency_of_its_own():
    fake = FakeLLM(latency=2)
    fake.fail(RateLimit(latency=Latency(first=0.25)))
    ask_all(fake, asking())
    assert fake.journal.exchanges[0].seconds == 0.25


def test_a_name_with_details_equals_the_value():
    assert faults.fault_of("rate_limit", {"retry_after": 3600}) == RateLimit(retry_after=3600)
    assert faults.fault_of(RateLimit, {}) == RateLimit()


def test_every_fault_is_frozen_and_hashable():
    values = [kind(**({"status": 418} if name == "http_status" else {})) for name, kind in FAULTS.items()]
    assert len(set(values)) == len(FAULTS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        values[0].latency = 3


def test_every_fault_says_in_one_sentence_what_happens():
    told = [kind.__doc__ or "" for kind in FAULTS.values()]
    assert [doc for doc in told if not doc.endswith(".") or "\n" in doc] == []
    assert len(set(told)) == len(FAULTS)


def test_every_fault_and_nothing_else_is_exported_under_its_class():
    exported = [getattr(fake_package, name) for name in fake_package.__all__]
    classes = {value for value in exported if isinstance(value, type)}
    assert {kind for kind in classes if issubclass(kind, Fault)} == {*FAULTS.values(), Fault}


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        (
            ("rate_limt",),
            r"no fault 'rate_limt'; did you mean 'rate_limit'\? There are: rate_limit, insufficient_quota",
        ),
        ((3,), r"takes a fault or the name of one, such as 'rate_limit', not 3"),
        ((str,), r"not <class 'str'>"),
    ],
)
def test_an_unknown_fault_is_refused_with_a_suggestion(fail, message):
    with pytest.raises(ScriptError, match=message):
        FakeLLM().fail(*fail)


@pytest.mark.parametrize(
    ("fault", "details", "message"),
    [
        (
            "rate_limit",
            {"retry_aftr": 3},
            r"no detail 'retry_aftr'; did you mean 'retry_after'\? It takes: latency, mess",
        ),
        ("hang", {"seconds": 3}, r"hang has no detail 'seconds'\. It takes: latency"),
        ("http_status", {}, r"http_status needs status: \.fail\('http_status', status=…\)"),
        ("http_status", {"status": 200}, r"a status from 400 to 599, not 200"),
        ("server_error", {"status": 404}, r"a status from 500 to 599, not 404"),
        ("rate_limit", {"retry_after": "soon"}, r"rate_limit's retry_after takes a number of seconds, 0 or more"),
        ("rate_limit", {"retry_after": -1}, r"not -1"),
        ("rate_limit", {"retry_after_date": True}, r"needs retry_after=<seconds>"),
        ("rate_limit", {"message": 3}, r"takes a text as message, not 3"),
        ("html_reply", {"body": None}, r"takes a text as body, not None"),
        ("rate_limit", {"retry_after": 1, "retry_after_text": "soon"}, r"retry_after or retry_after_text, not both"),
        ("rate_limit", {"retry_after_text": 3}, r"takes a text as retry_after_text, not 3"),
        ("http_status", {"status": 400, "param": 3}, r"takes a text as param, not 3"),
        ("connection_cut", {"reply": 3}, r"connection_cut takes a text, a dict or a Reply as reply, not 3"),
        ("slow_headers", {"pace": 0}, r"slow_headers takes a pace above 0 seconds for each byte, not 0"),
        ("slow_body", {"pace": "slow"}, r"slow_body's pace takes a number of seconds"),
        ("length_too_long", {"by": 0}, r"takes a whole number from 1 as by, not 0"),
        ("stream_cut", {"after": -1}, r"takes a whole number from 0 as after, not -1"),
        ("stream_cut", {"after": True}, r"takes a whole number from 0 as after, not True"),
        (
            "stream_cut",
            {"ending": "rest"},
            r"has no ending 'rest'; did you mean 'reset'\? It is one of: cut, reset",
        ),
        ("stream_cut", {"ending": "hang"}, r"has no ending 'hang'"),
        ("stream_endless", {"every": 0}, r"takes more than 0 seconds as every, not 0"),
        ("stream_comments", {"times": 1.5}, r"takes a whole number from 0 as times, not 1.5"),
        ("stream_crumbs", {"size": 0}, r"takes a whole number from 1 as size, not 0"),
        ("wrong_content_type", {"content_type": None}, r"takes a text as content_type, not None"),
        ("malformed", {"kind": "trailing_comma"}, r"has no kind 'trailing_comma'; did you mean 'trailing_commas'\?"),
        ("malformed", {"text": 3}, r"takes a text as text, not 3"),
        ("refusal", {"message": None}, r"takes a text as message"),
        ("tool_call_only", {"arguments": {"q": float("nan")}}, r"must be a JSON value"),
        ("hang", {"latency": "long"}, r"latency takes a number of seconds"),
        (RateLimit(), {"retry_after": 3}, r"has its own\. Leave out: retry_after"),
    ],
)
def test_wrong_details_are_refused_where_they_are_written(fault, details, message):
    with pytest.raises(ScriptError, match=message):
        FakeLLM().fail(fault, **details)


def test_faults_made_by_hand_are_checked_as_well():
    for make in (lambda: ServerError(status=200), lambda: HttpStatus(status=0), lambda: BadRequest(message=b"")):
        with pytest.raises(ScriptError):
            make()


def test_a_fault_met_while_others_wait_holds_nobody_up():
    async def both(fake):
        return await asyncio.gather(outcome_of(fake, asking("slow")), outcome_of(fake, asking("fast")))

    fake = FakeLLM().otherwise("here")
    fake.when(user="slow").fail("hang")
    with virtual_time() as clock:
        slow, fast = clock.run(both(fake))
    assert (type(slow), fast.text, fake.journal.exchanges[1].seconds) == (TimeoutError, "here", 0)


TOOLS = ({"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}},)


@pytest.mark.parametrize("door", ["direct", "sdk"])
@pytest.mark.parametrize(
    ("fault", "details", "calls"),
    [
        ("broken_arguments", {}, [("search", '{"query": "unfinish')]),
        ("broken_arguments", {"reply": {"a": 1}, "arguments": "x"}, [("search", "x")]),
        ("broken_arguments", {"reply": Reply(tool_calls=[{"name": "own"}])}, [("own", '{"query": "unfinish')]),
        ("unknown_tool", {"reply": "words"}, [("no_such_tool", "{}")]),
        ("unknown_tool", {"tool": "x", "reply": Reply(tool_calls=[{"name": "f", "arguments": [1]}])}, [("x", "[1]")]),
        ("wrong_tool_id", {"reply": "words"}, [("search", "{}"), ("search", "{}")]),
        ("wrong_tool_id", {"reply": Reply(tool_calls=[{"name": "a"}, {"name": "b"}])}, [("a", "{}"), ("b", "{}")]),
    ],
)
def test_faults_of_tool_calls_call_what_is_offered_but_not_as_it_should_be(fault, details, calls, door):
    fake = FakeLLM()
    fake.fail(fault, **details)
    reply = ask(fake, tools=TOOLS, door=door)
    assert [(call.name, call.arguments) for call in reply.tool_calls] == calls
    assert (reply.text, reply.finish_reason) == (None, "tool_calls")
    assert fault != "wrong_tool_id" or {call.id for call in reply.tool_calls} == {"call_0"}


def test_without_tools_a_fault_of_tool_calls_calls_one_that_was_not_offered():
    fake = FakeLLM()
    fake.fail("broken_arguments")
    assert ask(fake).tool_calls[0].name == "lookup"
