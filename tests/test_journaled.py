"""What passes JournaledTransport is in the journal, whoever answers, and told in the words of the fake."""

import asyncio
import json

import httpx2
import pytest
from streams_written import DONE, END, chunk, event

from kaizen_eval.errors import CassetteMiss, RecordingError
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.timing.latency import NO_LATENCY
from kaizen_eval.llm.streaming.billing import usage_of_part
from kaizen_eval.messages import ToolCall, Usage
from kaizen_eval.recording.journaled import JournaledTransport

URL = "https://service.test/v1/chat/completions"
ASKED = {"messages": [{"role": "user", "content": "one"}]}
STREAMED = {"model": "gpt-4o", "stream": True}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
SAID = {
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}],
    "usage": USAGE,
}


class Parts(httpx2.AsyncByteStream):
    """A body that comes in parts, some of which are raised."""

    def __init__(self, *parts):
        self._parts = parts

    async def __aiter__(self):
        for part in self._parts:
            if isinstance(part, BaseException):
                raise part
            yield part


def response(status, body=b"", **form):
    body = json.dumps(form).encode() if form else body
    return httpx2.Response(status, headers={"content-type": "application/json"}, stream=Parts(body))


def answering(answer):
    def handle(request):
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return httpx2.MockTransport(handle)


def exchanged(answer, *, headers=(), tells_whose=False, use=None):
    """The journal of one request, what its client met, and what the service heard."""
    desk = Desk(seed=0, latency=NO_LATENCY, keep=None)
    heard = []

    def make():
        inner = answering(answer)
        asked = inner.handle_async_request

        async def listening(request):
            heard.append(request.headers)
            return await asked(request)

        inner.handle_async_request = listening
        return inner

    async def ask():
        transport = JournaledTransport(make, desk, model="stand-in", tells_whose=tells_whose)
        async with httpx2.AsyncClient(transport=transport) as client:
            return await (use or _read)(client, dict(headers))

    try:
        met = asyncio.run(ask())
    except BaseException as error:  # noqa: BLE001 - it is what the client met
        met = error
    (exchange,) = desk.journal.exchanges
    return exchange, met, heard


async def _read(client, headers):
    return (await client.post(URL, json=ASKED, headers=headers)).status_code


def test_a_reply_is_entered_with_its_text_and_usage():
    exchange, met, _ = exchanged(response(200, **SAID))
    assert (exchange.outcome, exchange.text, exchange.usage.total, exchange.request.model, met) == (
        *("reply", "hi", 5, "stand-in", 200),
    )


def test_what_the_model_called_is_entered():
    call = {"id": "call_1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    exchange, *_ = exchanged(response(200, **SAID | {"choices": [choice]}))
    assert (exchange.text, exchange.tool_calls) == ("search({})", (ToolCall("call_1", "search", "{}"),))


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (429, "rate_limit_exceeded", "rate_limit"),
        (429, "insufficient_quota", "insufficient_quota"),
        (500, None, "server_error"),
        (418, None, "http_418"),
    ],
)
def test_a_status_has_the_name_of_the_fault_that_answers_so(status, code, outcome):
    exchange, met, _ = exchanged(response(status, error={"code": code}))
    assert (exchange.outcome, met) == (outcome, status)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "down"}', b'{"error": {"code": []}}'])
def test_a_refusal_of_any_shape_is_told_by_its_status(body):
    assert exchanged(response(503, body))[0].outcome == exchanged(response(503))[0].outcome


def test_a_reply_that_cannot_be_read_tells_what_our_provider_raises():
    exchange, *_ = exchanged(response(200, b"<html>"))
    assert (exchange.outcome, exchange.error) == ("reply", "BadResponse")


@pytest.mark.parametrize(
    ("raised", "outcome", "error"),
    [
        (httpx2.ConnectError("no"), "connection_refused", "ConnectionLost"),
        (httpx2.ReadError("no"), "connection_reset", "ConnectionLost"),
        (httpx2.ReadTimeout("no"), "AttemptTimeout", "AttemptTimeout"),
        (CassetteMiss("no", path="a"), "miss", "CassetteMiss"),
        (RecordingError("no", path="a"), "RecordingError", "RecordingError"),
        (asyncio.CancelledError(), "cancelled", "CancelledError"),
    ],
)
@pytest.mark.parametrize("is_amid", [False, True])
def test_what_ends_a_request_is_entered_and_goes_on_to_its_client(raised, outcome, error, is_amid):
    answer = httpx2.Response(200, stream=Parts(b"{", raised)) if is_amid else raised
    exchange, met, _ = exchanged(answer)
    assert (exchange.outcome, exchange.error, type(met)) == (outcome, error, type(raised))


def test_a_stream_that_its_client_leaves_is_over_when_it_is_closed():
    async def leave(client, headers):
        async with client.stream("POST", URL, json=ASKED, headers=headers) as response:
            return await anext(response.aiter_bytes())

    exchange, met, _ = exchanged(httpx2.Response(200, stream=Parts(b"one", b"two")), use=leave)
    assert (exchange.outcome, exchange.bytes_out, met) == ("reply", 3, b"one")


@pytest.mark.parametrize("tells_whose", [False, True])
def test_whose_request_it_is_stands_in_the_journal_and_is_told_to_our_own_server_alone(tells_whose):
    whose = {"x-kaizen-session": json.dumps("s")}
    exchange, _, heard = exchanged(response(200, **SAID), headers=whose, tells_whose=tells_whose)
    assert (exchange.session_id, "x-kaizen-session" in heard[0]) == ("s", tells_whose)


SSE = {"content-type": "text/event-stream"}
ONE_TWO = (chunk("One"), chunk(" two"))
BILL = event({"choices": [], "usage": USAGE})


async def _stream(client, headers):
    return (await client.post(URL, json=ASKED | STREAMED, headers=headers)).status_code


def streaming(*parts, use=_stream):
    return exchanged(httpx2.Response(200, headers=SSE, stream=Parts(*parts)), use=use)[0]


def test_a_stream_of_a_chat_is_read_as_it_passes():
    exchange = streaming(*ONE_TWO, END, BILL, DONE)
    assert (exchange.outcome, exchange.error, exchange.text) == ("reply", None, "One two")
    assert exchange.usage == Usage(3, 2)


def test_a_stream_whose_client_leaves_is_cancelled_and_billed_for_what_came():
    async def leave(client, headers):
        async with client.stream("POST", URL, json=ASKED | STREAMED, headers=headers) as response:
            return await anext(response.aiter_bytes())

    exchange = streaming(b"".join(ONE_TWO), END, use=leave)
    assert (exchange.outcome, exchange.error, exchange.text) == ("cancelled", "CancelledError", "One")
    assert exchange.usage == usage_of_part(exchange.request, "One")


@pytest.mark.parametrize(
    ("ending", "outcome", "error"),
    [
        (httpx2.ReadError("no"), "connection_reset", "ConnectionLost"),
        (httpx2.ReadTimeout("no"), "AttemptTimeout", "AttemptTimeout"),
        (asyncio.CancelledError(), "cancelled", "CancelledError"),
    ],
)
def test_a_stream_that_is_lost_is_billed_for_what_came(ending, outcome, error):
    exchange = streaming(*ONE_TWO, ending)
    assert (exchange.outcome, exchange.error, exchange.text) == (outcome, error, "One two")
    assert exchange.usage == usage_of_part(exchange.request, "One two")


def test_a_stream_that_our_provider_cannot_read_tells_what_that_raises():
    exchange = streaming(*ONE_TWO)
    assert (exchange.outcome, exchange.error, exchange.text) == ("reply", "BadResponse", "One two")
