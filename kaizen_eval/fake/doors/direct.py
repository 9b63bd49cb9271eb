"""The direct door: a client of ours without HTTP, which gets what it would make of it."""

from __future__ import annotations

import json
import math
import zlib
from asyncio import CancelledError
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import replace

from kaizen_eval.errors import ProviderError
from kaizen_eval.fake.brain import Outcome
from kaizen_eval.fake.client.heard import heard, is_stream
from kaizen_eval.fake.client.reader import Lost, Met, Response, read_whole
from kaizen_eval.fake.client.received import BASE_URL, KEY, received
from kaizen_eval.fake.client.unpacking import Unpacking
from kaizen_eval.fake.desk.desk import Desk
from kaizen_eval.fake.doors.parts import parts_of
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


async def stream(desk: Desk, request: ChatRequest, *, model: str) -> AsyncGenerator[ChatDelta, None]:
    """The parts of the reply, each when it is due; raises as the OpenAI provider does, and ends as it does."""
    asked = as_sent(replace(request, stream=True), model=model)
    check(asked, desk)
    opened = desk.open(Inquiry(request=asked, include_usage=True))
    opened.door = "direct"
    listening = None
    try:
        listening = _Listening(await desk.outcome(opened), opened)
        while (deltas := await listening.next()) is not None:
            for delta in deltas:
                yield delta
        listening.settle(desk)
    except BaseException as error:
        if listening is None or not listening.settle(desk, error):
            desk.close(opened, error)
        raise
    finally:
        desk.close(opened)


class _Listening:
    """A client of ours that is given a stream part by part."""

    def __init__(self, outcome: Outcome, opened: Opened) -> None:
        self._opened = opened
        self._event = _written(outcome, opened)
        self._is_sound = outcome.spoiling is None and isinstance(outcome.event, Completion)
        self._parts = parts_of(self._event)
        self._has_ended = False
        self._reading: Reading | None = None
        self._unpacking = Unpacking(())

    async def next(self) -> Iterator[ChatDelta] | None:
        """What the next part adds, once it is due; None where nothing more is read."""
        reading = self._reading = self._reading or await self._begun()
        if reading.is_done:
            return None
        try:
            part = await self._parts.next(None)
        except Lost as lost:
            raise reading.lost(_reason(lost)) from None
        if part is None:
            self._has_ended = True
            return reading.finish()
        return reading.feed(self._unpacked(part, reading))

    def settle(self, desk: Desk, error: BaseException | None = None) -> bool:
        """Enter what came of it, if it was a stream at all; of what came as it should, all is known."""
        if not is_stream(self._event, self._opened.inquiry):
            return False
        if self._is_sound and error is None:
            return True
        met = heard(self._parts.taken(), self._event.headers, has_ended=self._has_ended)
        desk.settle(self._opened, met, left=_left(error))
        return True

    async def _begun(self) -> Reading:
        """Errors before a stream begins are answers like any, and read as such."""
        try:
            status, headers = await self._parts.head(None)
            if not 200 <= status < 300:
                body = b"".join([part async for part in self._rest()])
                received(Met(Response(status, headers, body)), self._opened.request)
        except Lost as lost:
            raise connection_lost(BASE_URL, _reason(lost)) from None
        self._unpacking = Unpacking(headers)
        return Reading(BASE_URL, status, dict(headers), secrets=(KEY,))

    async def _rest(self) -> AsyncGenerator[bytes, None]:
        while (part := await self._parts.next(None)) is not None:
            yield part

    def _unpacked(self, part: bytes, reading: Reading) -> bytes:
        try:
            return self._unpacking(part)
        except zlib.error as error:
            raise reading.unreadable(f"error: {error}") from error


def _left(error: BaseException | None) -> str | None:
    """With what a client leaves: one that closes its iterator has cancelled the request."""
    if error is None or isinstance(error, ProviderError):
        return None
    return CancelledError.__name__ if isinstance(error, GeneratorExit) else type(error).__name__


def _written(outcome: Outcome, opened: Opened) -> WireEvent:
    """What would be on the wire."""
    event = outcome.event
    if not isinstance(event, Completion):
        return event
    answer = _ON_THE_WIRE.write(event, opened.inquiry)
    told = standing_headers(round(outcome.seconds * 1000), opened.allowances)
    answer = replace(answer, headers=answer.headers + told)
    return answer if outcome.spoiling is None else outcome.spoiling.spoil(answer)


def _reason(lost: Lost) -> str:
    return f"{lost.error}: {lost.words}"
