"""The direct door: a client of ours without HTTP, which gets what it would make of it."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

from kaizen_eval.errors import ProviderError
from kaizen_eval.fake.brain import Outcome
from kaizen_eval.fake.client.reader import Lost, Met, Response, read_whole
from kaizen_eval.fake.client.received import BASE_URL, KEY, received
from kaizen_eval.fake.client.unpacking import Unpacking
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.doors.parts import Head, Parts, parts_of
from kaizen_eval.fake.endpoints.chat import ChatEndpoint
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.journal.exchange import Opened, WhyRefused
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.chat.request import check_request
from kaizen_eval.fake.wire.errors import Rejection, refusal_id
from kaizen_eval.fake.wire.events import WireEvent
from kaizen_eval.fake.wire.headers import standing_headers
from kaizen_eval.llm.streaming.reading import Reading
from kaizen_eval.llm.translate import connection_lost
from kaizen_eval.llm.wire import check_writable, encode_request
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest
from kaizen_eval.resilience.clock import sleep

__all__ = ["as_sent", "check", "receive", "stream"]

_ON_THE_WIRE = ChatEndpoint()
_PATH = "/v1/chat/completions"


def as_sent(request: ChatRequest, *, model: str) -> ChatRequest:
    """What the wire would carry of it: a model always, a schema only in the mode that sends one.

    Raises:
        UsageError: it cannot be sent.
    """
    try:
        for message in request.messages:
            message.content.encode()
    except UnicodeEncodeError:
        check_writable(encode_request(request))
    if (request.output_mode == "schema") != (request.output_schema is not None):
        mode = "text" if request.output_mode == "schema" else request.output_mode
        request = replace(request, output_schema=None, output_mode=mode)
    return request if request.model else replace(request, model=model)


def check(request: ChatRequest, desk: Desk) -> None:
    """Raise what our provider does for a request that the service refuses; it is in the journal.

    Raises:
        RequestRejected: that.
        UsageError: it cannot be sent: our provider looks at what it sends first.
    """
    try:
        check_request(request)
    except Rejection as refused:
        body = encode_request(request)
        check_writable(body)
        opened = desk.refuse(_refused(request, body), WhyRefused(f"POST {_PATH}", refused.status, refused.message))
        opened.door = "direct"
        try:
            _refuse(request, body, refused)
        except ProviderError as error:
            desk.close(opened, error)
            raise


def _refused(request: ChatRequest, body: Mapping[str, object]) -> Inquiry:
    """As what is refused behind the other doors is known."""
    known = ChatRequest(model=request.model, messages=(), session_id=request.session_id, agent_id=request.agent_id)
    return Inquiry(request=known, body=body)


def _refuse(request: ChatRequest, body: Mapping[str, object], refused: Rejection) -> None:
    request_id = refusal_id("POST", _PATH, json.dumps(body).encode())
    answer = refused.answer()
    told = replace(answer, headers=(*answer.headers, ("x-request-id", request_id)))
    received(read_whole(told), request)


async def receive(outcome: Outcome, opened: Opened) -> ChatReply:
    """The reply, the error that the OpenAI provider raises for it, or nothing for as long as the caller waits."""
    event = outcome.event
    if isinstance(event, Completion) and outcome.spoiling is None:
        return event.reply()
    met = read_whole(_written(outcome, opened))
    await sleep(math.inf if met.response is None else met.at)
    reply = received(met, opened.request)
    if reply is None:
        raise AssertionError("for ever has no end")
    return reply


async def stream(outcome: Outcome, opened: Opened) -> AsyncGenerator[ChatDelta, None]:
    """The parts of the reply, each when it is due; raises as the OpenAI provider does, and ends as it does."""
    parts = parts_of(_written(outcome, opened))
    try:
        head = await parts.head(None)
        if not 200 <= head.status < 300:
            await _refused_stream(head, parts, opened.request)
    except Lost as lost:
        raise connection_lost(BASE_URL, _reason(lost)) from None
    reading = Reading(BASE_URL, head.status, dict(head.headers), secrets=(KEY,))
    unpacking = Unpacking(head.headers)
    while (part := await _next(parts, reading)) is not None:
        for delta in reading.feed(_unpacked(part, unpacking, reading)):
            yield delta
        if reading.is_done:
            return
    for delta in reading.finish():
        yield delta


def _written(outcome: Outcome, opened: Opened) -> WireEvent:
    """What would be on the wire."""
    event = outcome.event
    if not isinstance(event, Completion):
        return event
    answer = _ON_THE_WIRE.write(event, opened.inquiry)
    told = standing_headers(round(outcome.seconds * 1000), opened.allowances)
    answer = replace(answer, headers=answer.headers + told)
    return answer if outcome.spoiling is None else outcome.spoiling.spoil(answer)


async def _refused_stream(head: Head, parts: Parts, request: ChatRequest) -> None:
    """Errors before a stream begins are answers like any, and read as such."""
    body = b""
    while (part := await parts.next(None)) is not None:
        body += part
    received(Met(Response(head.status, head.headers, body)), request)


async def _next(parts: Parts, reading: Reading) -> bytes | None:
    try:
        return await parts.next(None)
    except Lost as lost:
        raise reading.lost(_reason(lost)) from None


def _unpacked(part: bytes, unpacking: Unpacking, reading: Reading) -> bytes:
    try:
        return unpacking(part)
    except zlib.error as error:
        raise reading.unreadable(f"error: {error}") from error


def _reason(lost: Lost) -> str:
    return f"{lost.error}: {lost.words}"
