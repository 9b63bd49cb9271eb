"""Faults of streams whose events are others than they should be, or stand elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, ClassVar

from kaizen_eval.fake.faults.base import Fault, Spoiler, check_count
from kaizen_eval.fake.faults.streams.base import After, StreamFault
from kaizen_eval.fake.faults.streams.events import content_of, cut_in_character, edited, events_of, said
from kaizen_eval.fake.faults.tool_calls import first_tool
from kaizen_eval.fake.reply import Reply
from kaizen_eval.fake.wire.events import Answer, Piece, WireEvent, json_answer
from kaizen_eval.messages import ChatRequest, ToolCall

__all__ = [
    "FAULTS",
    "StreamAsJson",
    "StreamCrumbs",
    "StreamInvalidJson",
    "StreamInvalidUtf8",
    "StreamReordered",
    "StreamWithoutFirst",
    "StreamWithoutIndex",
    "StreamWrongId",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWithoutFirst(StreamFault):
    """The first event is missing, such as `response.created`."""

    name: ClassVar[str] = "stream_without_first"

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        return islice(events, 1, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReordered(StreamFault):
    """Neighbouring events have changed places; the first and the last have not."""

    name: ClassVar[str] = "stream_reordered"

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        first, *middle, last = list(events)
        yield first
        for place, event in enumerate(middle):
            neighbour = place ^ 1
            yield replace(middle[neighbour] if neighbour < len(middle) else event, at=event.at)
        yield last


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInvalidJson(After):
    """After some events one that is half its JSON; the others follow."""

    name: ClassVar[str] = "stream_invalid_json"
    is_billed: ClassVar[bool] = False

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        yield from islice(events, self.after)
        for event in islice(events, 1):
            yield replace(event, data=event.data[: len(event.data) // 2] + b"\n\n")
        yield from events


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInvalidUtf8(StreamFault):
    """An event holds half a character; the others follow."""

    name: ClassVar[str] = "stream_invalid_utf8"
    is_billed: ClassVar[bool] = False

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        for event in events:
            cut = cut_in_character(event)
            yield event if cut is None else replace(event, data=cut + b'"\n\n')
            if cut is not None:
                break
        yield from events


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCrumbs(StreamFault):
    """A good stream in parts of one byte, if asked with CRLF or with comments."""

    name: ClassVar[str] = "stream_crumbs"

    size: int = 1
    """Bytes of each part that is sent on its own."""
    crlf: bool = False
    """Whether lines end in two signs."""
    comments: bool = False
    """Whether a comment stands before each event."""

    def check(self) -> None:
        Spoiler.check(self)
        check_count(self, "size", self.size, least=1)

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        for event in events:
            data = (b": still there\n\n" if self.comments else b"") + event.data
            data = data.replace(b"\n", b"\r\n") if self.crlf else data
            for start in range(0, len(data), self.size):
                yield replace(event, data=data[start : start + self.size])


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWrongId(StreamFault):
    """Each event has an id of its own."""

    name: ClassVar[str] = "stream_wrong_id"

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        return (edited(event, partial(_renamed, number=number)) for number, event in enumerate(events))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWithoutIndex(StreamFault):
    """A tool is called, and its pieces do not say which call they belong to."""

    name: ClassVar[str] = "stream_without_index"

    def misspeak(self, reply: Reply, request: ChatRequest) -> Reply:
        """A tool is called, as there is no index elsewhere."""
        return reply if reply.tool_calls else Reply(tool_calls=(ToolCall("", first_tool(request), "{}"),))

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        return (edited(event, _without_index) for event in events)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAsJson(StreamFault):
    """A whole response in JSON instead of the stream that was asked for."""

    name: ClassVar[str] = "stream_as_json"

    def spoil(self, answer: Answer) -> WireEvent:
        others = [(name, value) for name, value in answer.headers if name != "content-type"]
        events = list(events_of(answer))
        text = "".join(map(content_of, events))
        chunks = [data for event in events if (data := said(event)) is not None]
        body = chunks[-1].get("response") or _completion(chunks, text)
        return json_answer(answer.status, json.dumps(body).encode(), *others)


FAULTS: tuple[type[Fault], ...] = (
    StreamWithoutFirst,
    StreamReordered,
    StreamInvalidJson,
    StreamInvalidUtf8,
    StreamCrumbs,
    StreamWrongId,
    StreamWithoutIndex,
    StreamAsJson,
)
"""In the order of the documents."""


def _renamed(data: dict[str, Any], *, number: int) -> dict[str, Any]:
    """Each event has an id of its own."""
    return {**data, **{name: f"{data[name]}-{number}" for name in ("id", "item_id") if name in data}}


def _without_index(data: dict[str, Any]) -> dict[str, Any]:
    for choice in data.get("choices", ()):
        for call in choice["delta"].get("tool_calls") or ():
            call.pop("index", None)
    data.pop("output_index", None)
    return data


def _completion(chunks: Sequence[dict[str, Any]], text: str) -> dict[str, Any]:
    """What a chat would have been without a stream, as far as its text goes."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {**chunks[0], "object": "chat.completion", "choices": [choice]}
