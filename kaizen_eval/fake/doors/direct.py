"""The direct door: a client of ours without HTTP, which gets what it would make of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace

from kaizen_eval.errors import ProviderError
from kaizen_eval.fake.brain import Outcome
from kaizen_eval.fake.client.reader import read_whole
from kaizen_eval.fake.client.received import received
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.endpoints.chat import ChatEndpoint
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.journal.exchange import Opened, WhyRefused
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.chat.request import check_request
from kaizen_eval.fake.wire.errors import Rejection, refusal_id
from kaizen_eval.fake.wire.headers import standing_headers
from kaizen_eval.llm.wire import check_whole, check_writable, encode_request
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.resilience.clock import sleep

__all__ = ["as_sent", "check", "receive"]

_ON_THE_WIRE = ChatEndpoint()
_PATH = "/v1/chat/completions"


def as_sent(request: ChatRequest, *, model: str) -> ChatRequest:
    """What the wire would carry of it: a model always, a schema only in the mode that sends one.

    Raises:
        UsageError: it cannot be sent.
    """
    check_whole(request)
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
    if isinstance(event, Completion):
        if outcome.spoiling is None:
            return event.reply()
        answer = _ON_THE_WIRE.write(event, opened.inquiry)
        told = standing_headers(round(outcome.seconds * 1000), opened.allowances)
        event = outcome.spoiling.spoil(replace(answer, headers=answer.headers + told))
    met = read_whole(event)
    await sleep(math.inf if met.response is None else met.at)
    reply = received(met, opened.request)
    if reply is None:
        raise AssertionError("for ever has no end")
    return reply
