"""Conversation: one exchange, read: what was asked, what came, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kaizen_eval.messages import Usage
from kaizen_eval.recording.conversation.answers import answered, finish, problem, spent
from kaizen_eval.recording.conversation.contents import size, written
from kaizen_eval.recording.conversation.looking import json_of, mapping, text
from kaizen_eval.recording.conversation.questions import asked, settings, tools
from kaizen_eval.recording.conversation.said import Part, Said
from kaizen_eval.recording.conversation.streams import assembled, events
from kaizen_eval.recording.exchange import Exchange, Headers, RecordedResponse, media_type

__all__ = ["Conversation", "conversation_of", "last_words"]

_UNKNOWN = "sent"
_CAME = "came"
_SHORT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One exchange, read."""

    model: str
    """As the answer names it, else as the request does; empty where neither does."""
    settings: tuple[tuple[str, str], ...]
    tools: tuple[str, ...]
    asked: tuple[Said, ...]
    answered: tuple[Said, ...]
    finish: str
    """Why the model stopped, in the service's word."""
    problem: str
    """What the service says went wrong; empty where all went well."""
    spent: Usage | None
    """None where the service does not say."""
    pieces: int
    """Of a stream; 0 where the answer came at once."""


def conversation_of(exchange: Exchange) -> Conversation:
    """Never raises: what is in no known shape is shown as it is."""
    request = json_of(exchange.request.body.data)
    body, pieces = _answer(exchange.response)
    question, answer = mapping(request), mapping(body)
    wrong = problem(answer)
    said = answered(answer)
    return Conversation(
        model=text(answer.get("model")) or text(question.get("model")),
        settings=settings(question) if asked(question) else (),
        tools=tools(question),
        asked=asked(question) or _as_it_is(_UNKNOWN, request, exchange.request.body.data, exchange.request.headers),
        answered=said or (() if wrong else _came(exchange.response, body)),
        finish=finish(answer),
        problem=wrong,
        spent=spent(answer),
        pieces=pieces,
    )


def last_words(exchange: Exchange) -> str:
    """How what the user said last begins, in one line; empty where the request is no conversation."""
    said = [one for one in asked(mapping(json_of(exchange.request.body.data))) if one.role == "user"]
    texts = [part.text for part in said[-1].parts if part.kind == "text"] if said else []
    words = " ".join(" ".join(texts).split())
    return words if len(words) <= _SHORT else f"{words[:_SHORT]}…"


def _answer(response: RecordedResponse | None) -> tuple[Any, int]:
    """The body as JSON, and in how many pieces it came if it was a stream."""
    if response is None:
        return None, 0
    data = response.body.data
    if not _is_stream(response.headers, data):
        return json_of(data), 0
    found = events(data)
    body = assembled(found)
    return (found if body is None else body), len(response.sizes)


def _is_stream(headers: Headers, data: bytes) -> bool:
    kind = media_type(headers)
    return kind == "text/event-stream" or (not kind and data.startswith((b"data:", b"event:")))


def _came(response: RecordedResponse | None, body: Any) -> tuple[Said, ...]:
    if response is None or not response.body.data:
        return ()
    return _as_it_is(_CAME, body, response.body.data, response.headers)


def _as_it_is(role: str, value: Any, data: bytes, headers: Headers) -> tuple[Said, ...]:
    """JSON, a text, or only how much of what there is."""
    if not data:
        return ()
    if value is not None:
        return (Said(role, (Part("json", written(value)),)),)
    try:
        plain = data.decode()
    except UnicodeDecodeError:
        kind = media_type(headers) or "bytes"
        return (Said(role, (Part("attached", f"{kind}, {size(len(data))}"),)),)
    return (Said(role, (Part("text", plain),)),)
