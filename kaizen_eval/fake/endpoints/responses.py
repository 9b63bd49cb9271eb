"""`/responses`: what can be asked of the Responses API, and of what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal
from urllib.parse import parse_qsl

from kaizen_eval.fake.endpoints.base import Arrival
from kaizen_eval.fake.endpoints.stored_responses import Stored, StoredResponses
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.errors import Rejection
from kaizen_eval.fake.wire.events import Answer, json_answer
from kaizen_eval.fake.wire.fields import Check, items, one_of, record, text, wrong_type
from kaizen_eval.fake.wire.headers import request_id
from kaizen_eval.fake.wire.json_text import utf8, written
from kaizen_eval.fake.wire.responses.body import begun, cancelled, encode_response
from kaizen_eval.fake.wire.responses.fields import INCLUDABLE
from kaizen_eval.fake.wire.responses.items import Json
from kaizen_eval.fake.wire.responses.listing import encode_page, page_of
from kaizen_eval.fake.wire.responses.request import LOGPROBS, decode_inquiry, response_not_found
from kaizen_eval.fake.wire.responses.stream import encode_stream
from kaizen_eval.messages import ChatRequest

__all__ = ["CreateEndpoint", "InputTokensEndpoint", "Operation", "StoredEndpoint"]

Operation = Literal["retrieve", "delete", "cancel", "input_items"]


class CreateEndpoint:
    """`POST /responses`."""

    def __init__(self, stored: StoredResponses) -> None:
        self._stored = stored

    def read(self, arrival: Arrival, *, model: str) -> Inquiry:
        return _decoded(arrival, self._stored, model)

    def write(self, completion: Completion, inquiry: Inquiry) -> Answer:
        body = inquiry.body or {}
        waits = bool(body.get("background")) and not inquiry.request.stream
        if body.get("store") is not False:
            self._stored.keep(Stored(completion, inquiry, "queued" if waits else "done"))
        if inquiry.request.stream:
            return _streamed(completion, inquiry, completion.mark)
        response = begun(completion, inquiry, "queued") if waits else encode_response(completion, inquiry)
        return _told(response, completion)


class InputTokensEndpoint:
    """`POST /responses/input_tokens`: what the input of a response would be billed for."""

    def __init__(self, stored: StoredResponses) -> None:
        self._stored = stored

    def read(self, arrival: Arrival, *, model: str) -> Inquiry:
        return _decoded(arrival, self._stored, model, operation="input_tokens")

    def write(self, completion: Completion, inquiry: Inquiry) -> Answer:  # noqa: ARG002 - as all endpoints do
        counted = {"object": "response.input_tokens", "input_tokens": completion.usage.prompt}
        return _told(counted, completion)


class StoredEndpoint:
    """What is asked of one response that is remembered: `/responses/{id}` and below."""

    def __init__(self, stored: StoredResponses, operation: Operation) -> None:
        self._stored = stored
        self._operation = operation

    def read(self, arrival: Arrival, *, model: str) -> Inquiry:
        query = _query(arrival.query)
        record({}, _QUERIED[self._operation])("", query)
        request = ChatRequest(
            model=model,
            messages=(),
            stream=query.get("stream") == "true",
            session_id=arrival.session_id,
            agent_id=arrival.agent_id,
        )
        return Inquiry(
            request=request,
            endpoint="responses",
            operation=self._operation,
            body={"response_id": arrival.names[0], **query},
            headers=arrival.headers,
            prompt_tokens=0,
        )

    def write(self, completion: Completion, inquiry: Inquiry) -> Answer:
        asked = dict(inquiry.body or {})
        found = self._stored.find(inquiry.request.session_id, asked["response_id"])
        if found is None:
            raise response_not_found(asked["response_id"])
        return _ANSWERS[self._operation](self._stored, found, asked, completion)


def _retrieve(kept: StoredResponses, found: Stored, asked: Json, completion: Completion) -> Answer:
    """A response that is queued is done once somebody asks for it."""
    found = kept.settle(found, "done")
    inquiry = _including(found.inquiry, asked.get("include", []))
    if found.state == "cancelled":
        return _told(cancelled(found.completion, inquiry), completion)
    if asked.get("stream") == "true":
        after = int(asked.get("starting_after", "-1"))
        return _streamed(found.completion, inquiry, completion.mark, after=after)
    return _told(encode_response(found.completion, inquiry), completion)


def _delete(kept: StoredResponses, found: Stored, asked: Json, completion: Completion) -> Answer:
    kept.remove(found)
    return _told({"id": asked["response_id"], "object": "response", "deleted": True}, completion)


def _cancel(kept: StoredResponses, found: Stored, asked: Json, completion: Completion) -> Answer:
    """A response that is done stays what it is."""
    if not (found.inquiry.body or {}).get("background"):
        raise Rejection("Cannot cancel a synchronous response.")
    if kept.settle(found, "cancelled").state == "cancelled":
        return _told(cancelled(found.completion, found.inquiry), completion)
    return _retrieve(kept, found, asked, completion)


def _input_items(kept: StoredResponses, found: Stored, asked: Json, completion: Completion) -> Answer:  # noqa: ARG001 - as its kin
    return _told(encode_page(found.input(), page_of(asked)), completion)


def _digits(path: str, value: str) -> None:
    if not value.isdecimal():
        raise wrong_type(path, "an integer", value)


_INCLUDE = items(one_of(*INCLUDABLE), of="strings")
_BOOLEAN = one_of("true", "false")
_QUERIED: Mapping[Operation, Mapping[str, Check]] = {
    "retrieve": {
        "include": _INCLUDE,
        "include_obfuscation": _BOOLEAN,
        "starting_after": _digits,
        "stream": _BOOLEAN,
    },
    "delete": {},
    "cancel": {},
    "input_items": {"after": text(), "include": _INCLUDE, "limit": text(), "order": text()},
}
_ANSWERS: Mapping[Operation, Callable[[StoredResponses, Stored, Json, Completion], Answer]] = {
    "retrieve": _retrieve,
    "delete": _delete,
    "cancel": _cancel,
    "input_items": _input_items,
}


def _decoded(arrival: Arrival, stored: StoredResponses, model: str, operation: str = "") -> Inquiry:
    return decode_inquiry(
        arrival.body,
        operation=operation,
        model=model,
        headers=arrival.headers,
        session_id=arrival.session_id,
        agent_id=arrival.agent_id,
        kept=stored.seen_by(arrival.session_id),
    )


def _query(query: str) -> Json:
    """What a query says; `include` may come several times, as `include[]`, too."""
    said: Json = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in {"include", "include[]"}:
            said.setdefault("include", []).append(value)
        else:
            said[name] = value
    return said


def _including(inquiry: Inquiry, more: list[str]) -> Inquiry:
    """As if the request had asked to include this, too."""
    body = inquiry.body or {}
    included = [*(body.get("include") or ()), *more]
    logprobs = (body.get("top_logprobs") or 0) if LOGPROBS in included else None
    return replace(inquiry, body={**body, "include": included}, logprobs=logprobs)


def _told(body: Json, completion: Completion) -> Answer:
    return json_answer(200, utf8(written(body)), request_id(completion.mark))


def _streamed(completion: Completion, inquiry: Inquiry, mark: str, *, after: int = -1) -> Answer:
    head = (("content-type", "text/event-stream; charset=utf-8"), request_id(mark))
    return Answer(200, head, encode_stream(completion, inquiry, after=after))
