"""The direct door: what a client of ours makes of the wire, without one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from kaizen_eval.errors import ConnectionLost, ProviderError
from kaizen_eval.fake.brain import Outcome
from kaizen_eval.fake.completion import Completion
from kaizen_eval.fake.endpoints.chat import ChatEndpoint
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.events import Answer, Disconnect, Hang, WireEvent
from kaizen_eval.llm.translate import connection_lost, decode_response
from kaizen_eval.llm.wire import check_whole, check_writable, encode_request
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.resilience.clock import sleep, wall_time

__all__ = ["BASE_URL", "KEY", "LOST", "Loss", "as_sent", "error_name", "hang", "receive"]

_ON_THE_WIRE = ChatEndpoint()
BASE_URL = "https://fake.invalid/v1"
KEY = "fake-key"
Loss = tuple[str, str]
"""The HTTP client's error, and its words."""
LOST: Mapping[str, Loss] = {
    "refused": ("ConnectError", "All connection attempts failed"),
    "reset": ("ReadError", "Connection reset by peer"),
    "closed": ("RemoteProtocolError", "illegal status line: bytearray(b'\\x00\\xff not HTTP')"),
    "cut": ("RemoteProtocolError", "peer closed connection without sending complete message body"),
}


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


async def receive(outcome: Outcome, inquiry: Inquiry) -> ChatReply:
    """The reply, the error that the OpenAI provider raises for it, or nothing for as long as the caller waits."""
    event = outcome.event
    if isinstance(event, Completion):
        if outcome.spoiling is None:
            return event.reply()
        event = outcome.spoiling.spoil(_ON_THE_WIRE.write(event, inquiry))
    if isinstance(event, Hang) or (isinstance(event, Answer) and event.ending == "hang"):
        return await hang()
    return _reply(event, inquiry.request)


def error_name(event: WireEvent, inquiry: Inquiry) -> str | None:
    """The class of what our provider raises for it, as far as it would read it."""
    if isinstance(event, Hang) or (isinstance(event, Answer) and event.ending == "hang"):
        return None
    is_read = inquiry.endpoint == "chat" and not inquiry.request.stream
    if isinstance(event, Answer) and event.ending == "complete" and event.status < 300 and not is_read:
        return None
    try:
        _reply(event, inquiry.request)
    except ProviderError as error:
        return type(error).__name__
    return None


async def hang() -> NoReturn:
    """Until the caller gives up."""
    await sleep(math.inf)
    raise AssertionError("for ever has no end")


def _reply(event: Answer | Disconnect, request: ChatRequest) -> ChatReply:
    if isinstance(event, Disconnect):
        raise _lost(event.kind)
    if event.ending != "complete":
        raise _lost(event.ending)
    body = event.body if isinstance(event.body, bytes) else b"".join(piece.data for piece in event.body)
    return decode_response(
        event.status, dict(event.headers), body, now=wall_time(), model=request.model, secrets=(KEY,)
    )


def _lost(kind: str) -> ConnectionLost:
    name, words = LOST[kind]
    return connection_lost(BASE_URL, f"{name}: {words}")
