"""The transport under the real OpenAI SDK: plays what the fake decided as an HTTP exchange."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, NoReturn

import httpx2

from kaizen_eval.errors import AttemptTimeout, RequestRejected, UsageError
from kaizen_eval.fake import direct
from kaizen_eval.fake.desk import Desk
from kaizen_eval.fake.journal import Opened
from kaizen_eval.fake.wire.chat import check_spoken, decode_request, encode_error, encode_reply
from kaizen_eval.fake.wire.events import Answer, Disconnect, Hang, WireEvent, json_answer
from kaizen_eval.llm.wire import AGENT_HEADER, SESSION_HEADER
from kaizen_eval.messages import ChatReply, ChatRequest
from kaizen_eval.resilience.clock import sleep

__all__ = ["FakeTransport"]

_PATH = "/chat/completions"


class FakeTransport(httpx2.AsyncBaseTransport):
    """Answers `POST …/chat/completions`; anything else is a 404. Nothing of a request's other headers is kept.

    A request for a stream, or for another answer that it does not speak, raises UsageError, which no HTTP client
    catches.
    """

    def __init__(self, desk: Desk, *, model: str) -> None:
        self._desk = desk
        self._model = model

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method != "POST" or not request.url.path.endswith(_PATH):
            return _response(_unknown(request.method, request.url.path))
        try:
            asked = _asked(request.headers, await request.aread(), self._model)
        except RequestRejected as error:
            return _response(json_answer(400, encode_error(str(error), kind="invalid_request_error")))
        except UsageError as error:
            self._desk.complain(error)
            raise
        return await self._exchange(asked, _read_timeout(request))

    async def _exchange(self, asked: ChatRequest, patience: float | None) -> httpx2.Response:
        opened = self._desk.open(asked)
        wire = _Wire(self._desk, opened, patience)
        try:
            response = await wire.play(asked)
        except BaseException as error:
            self._desk.close(opened, error)
            raise
        if wire.finished:
            self._desk.close(opened)
        return response


class _Wire:
    """One exchange on its way to the client."""

    def __init__(self, desk: Desk, opened: Opened, patience: float | None) -> None:
        self.finished = True
        """False while the body, read later, decides how the exchange ends."""
        self._desk = desk
        self._opened = opened
        self._patience = patience

    async def play(self, asked: ChatRequest) -> httpx2.Response:
        scope = asyncio.timeout(self._patience)
        try:
            async with scope:
                outcome = await self._desk.outcome(self._opened)
        except TimeoutError:
            if scope.expired():
                self._give_up()
            raise
        if isinstance(outcome.event, ChatReply):
            return _response(_completion(outcome.event))
        self._opened.error = direct.error_name(outcome.event, asked)
        return await self._event(outcome.event)

    async def _event(self, event: WireEvent) -> httpx2.Response:
        if isinstance(event, Hang):
            await self.silence()
        if isinstance(event, Disconnect):
            raise _lost(event.kind)
        if event.ending == "complete":
            return _response(event)
        self.finished = False
        return _response(event, _BrokenBody(self, event))

    async def silence(self) -> NoReturn:
        """Nothing more, until the client's read timeout."""
        if self._patience is None:
            await direct.hang()
        await sleep(self._patience or 0)
        self._give_up()

    def close(self, error: BaseException | None = None) -> None:
        self._desk.close(self._opened, error)

    def _give_up(self) -> NoReturn:
        self._opened.error = AttemptTimeout.__name__
        raise httpx2.ReadTimeout(f"no answer within {self._patience:g} s")


class _BrokenBody(httpx2.AsyncByteStream):
    """The first half of a body, and then a lost connection, or nothing."""

    def __init__(self, wire: _Wire, answer: Answer) -> None:
        self._wire = wire
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._answer.body
        try:
            await self._end()
        except BaseException as error:
            self._wire.close(error)
            raise

    async def _end(self) -> NoReturn:
        if self._answer.ending == "cut":
            raise _lost("cut")
        await self._wire.silence()

    async def aclose(self) -> None:
        self._wire.close()


def _completion(reply: ChatReply) -> Answer:
    """The request's id is in the reply's: `chatcmpl-x` answers `req_x`."""
    request_id = f"req_{(reply.id or '').removeprefix('chatcmpl-')}"
    return json_answer(200, json.dumps(encode_reply(reply)).encode(), ("x-request-id", request_id))


def _lost(kind: str) -> httpx2.TransportError:
    """The HTTP client's error for a connection that is lost this way."""
    name, words = direct.LOST[kind]
    kinds = (httpx2.ConnectError, httpx2.ReadError, httpx2.RemoteProtocolError)
    return {error.__name__: error for error in kinds}[name](words)


def _asked(headers: Mapping[str, str], body: bytes, model: str) -> ChatRequest:
    """The request, with whose it is.

    Raises:
        RequestRejected: it is no chat request.
        UsageError: it is none that the fake speaks.
    """
    try:
        data: Any = json.loads(body)
    except ValueError as error:
        raise RequestRejected(f"We could not parse the JSON body of your request: {error}.", status=400) from error
    asked = decode_request(
        data, model=model, session_id=_id(headers, SESSION_HEADER), agent_id=_id(headers, AGENT_HEADER)
    )
    check_spoken(data)
    return asked


def _id(headers: Mapping[str, str], name: str) -> str | None:
    return json.loads(headers[name]) if name in headers else None


def _read_timeout(request: httpx2.Request) -> float | None:
    timeout = request.extensions.get("timeout", {}).get("read")
    return None if timeout is None else float(timeout)


def _unknown(method: str, path: str) -> Answer:
    return json_answer(404, encode_error(f"Unknown request URL: {method} {path}.", kind="invalid_request_error"))


def _response(answer: Answer, stream: httpx2.AsyncByteStream | None = None) -> httpx2.Response:
    headers = list(answer.headers)
    if stream is None:
        return httpx2.Response(answer.status, headers=headers, content=answer.body)
    return httpx2.Response(answer.status, headers=headers, stream=stream)
