"""Faults of the connection, and success statuses with a body that is no chat completion."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar

from kaizen_eval.fake.completion import Choice, Completion
from kaizen_eval.fake.fault import Asked, Fault, check_text
from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.wire.chat import encode_completion
from kaizen_eval.fake.wire.events import Answer, Disconnect, Ending, Hang, WireEvent, html_answer, json_answer
from kaizen_eval.messages import ChatRequest, Usage

__all__ = [
    "BodyFault",
    "ConnectionCut",
    "ConnectionRefused",
    "ConnectionReset",
    "EmptyBody",
    "Garbage",
    "HangBeforeHeaders",
    "HangInBody",
    "HtmlReply",
    "NotJson",
    "NullBody",
    "TruncatedJson",
    "WrongShape",
]

_UNREAD = Completion(
    mark="cut", choices=(Choice(text="An answer that nobody will read."),), usage=Usage(8, 8), model="fake"
)
_COMPLETION = json.dumps(encode_completion(_UNREAD, Inquiry(request=ChatRequest(model="fake", messages=()))))
_HALF = _COMPLETION[: len(_COMPLETION) // 2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRefused(Fault):
    name: ClassVar[str] = "connection_refused"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - a refusal knows nothing of the request
        return Disconnect("refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionReset(Fault):
    name: ClassVar[str] = "connection_reset"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - a reset knows nothing of the request
        return Disconnect("reset")


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage(Fault):
    name: ClassVar[str] = "garbage"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - garbage knows nothing of the request
        return Disconnect("closed", b"\x00\xff not HTTP\r\n\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCut(Fault):
    name: ClassVar[str] = "connection_cut"

    def play(self, asked: Asked) -> WireEvent:
        return _half(asked, "cut")


@dataclass(frozen=True, slots=True, kw_only=True)
class HangBeforeHeaders(Fault):
    name: ClassVar[str] = "hang"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - silence knows nothing of the request
        return Hang()


@dataclass(frozen=True, slots=True, kw_only=True)
class HangInBody(Fault):
    name: ClassVar[str] = "hang_in_body"

    def play(self, asked: Asked) -> WireEvent:
        return _half(asked, "hang")


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyFault(Fault):
    """The base of the faults that answer 200 with a body of their own."""

    body: str

    def check(self) -> None:
        check_text(self, "body", self.body)

    def play(self, asked: Asked) -> Answer:
        return json_answer(200, self.body.encode(), ("x-request-id", asked.request_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlReply(BodyFault):
    name: ClassVar[str] = "html_reply"

    body: str = "<html><body><h1>Sign in to continue</h1></body></html>"

    def play(self, asked: Asked) -> Answer:
        return html_answer(200, self.body.encode(), ("x-request-id", asked.request_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncatedJson(BodyFault):
    name: ClassVar[str] = "truncated_json"

    body: str = _HALF


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJson(BodyFault):
    name: ClassVar[str] = "not_json"

    body: str = "upstream connect error or disconnect before headers"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongShape(BodyFault):
    name: ClassVar[str] = "wrong_shape"

    body: str = '{"object": "chat.completion", "choices": []}'


@dataclass(frozen=True, slots=True, kw_only=True)
class NullBody(BodyFault):
    name: ClassVar[str] = "null_body"

    body: str = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyBody(BodyFault):
    name: ClassVar[str] = "empty_body"

    body: str = ""


def _half(asked: Asked, ending: Ending) -> Answer:
    headers = (("content-type", "application/json"), ("x-request-id", asked.request_id))
    return Answer(200, headers, _HALF.encode(), ending)
