"""What a client of ours makes of what it met on the wire: a reply, or the error that it raises."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from kaizen_eval.errors import BadResponse, ConnectionLost, ProviderError
from kaizen_eval.fake.client.heard import is_stream
from kaizen_eval.fake.client.reader import Lost, Met, Response, is_plain, read_whole
from kaizen_eval.fake.client.unpacking import Unpacking
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.events import Answer, WireEvent
from kaizen_eval.llm.translate import connection_lost, decode_response
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.resilience.clock import wall_time

__all__ = ["BASE_URL", "KEY", "error_name", "received"]

BASE_URL = "https://fake.invalid/v1"
KEY = "fake-key"


def received(met: Met, request: ChatRequest) -> ChatReply | None:
    """None where nothing came.

    Raises:
        ProviderError: what the OpenAI provider raises for it.
    """
    match met.response:
        case None:
            return None
        case Lost(error=error, words=words):
            raise connection_lost(BASE_URL, f"{error}: {words}")
        case Response(status, headers, body):
            told = {name.lower(): value for name, value in headers}
            return decode_response(
                status, told, _unpacked(told, body), now=wall_time(), model=request.model, secrets=(KEY,)
            )


def error_name(event: WireEvent, inquiry: Inquiry) -> str | None:
    """The class of what our provider raises for it; of what it does not read, whether the connection is lost.

    Of a stream it is not known before it is over: `Desk.settle` enters it.
    """
    if is_stream(event, inquiry):
        return None
    is_read = inquiry.endpoint == "chat"
    if isinstance(event, Answer) and event.status < 300 and not is_read:
        is_lost = not is_plain(event) and isinstance(read_whole(event).response, Lost)
        return ConnectionLost.__name__ if is_lost else None
    try:
        received(read_whole(event), inquiry.request)
    except ProviderError as error:
        return type(error).__name__
    return None


def _unpacked(headers: Mapping[str, str], body: bytes) -> bytes:
    """The body without its `content-encoding`."""
    try:
        return Unpacking(headers.items())(body)
    except zlib.error as error:
        raise BadResponse(f"The answer of {BASE_URL} cannot be read (error: {error}).") from error
