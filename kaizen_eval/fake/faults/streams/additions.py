"""Faults of streams in which there is more than should be: errors, repetitions, comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Any, ClassVar

from kaizen_eval.fake.faults.base import Fault, Spoiler, check_count, check_text
from kaizen_eval.fake.faults.streams.base import After, StreamFault, check_every
from kaizen_eval.fake.faults.streams.events import content_of, edited, is_of_responses, said, written
from kaizen_eval.fake.wire.events import Piece

__all__ = ["FAULTS", "StreamComments", "StreamDuplicates", "StreamEndless", "StreamError", "StreamFailed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamError(After):
    """After some events an error, in the form of the protocol."""

    name: ClassVar[str] = "stream_error"
    is_billed: ClassVar[bool] = False

    message: str = "The server had an error while processing your request."
    code: str | None = "server_error"

    def check(self) -> None:
        After.check(self)
        check_text(self, "message", self.message)
        check_text(self, "code", self.code, or_none=True)

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        yield from islice(events, self.after)
        for event in islice(events, 1):
            yield self._error(event)

    def _error(self, instead: Piece) -> Piece:
        if not is_of_responses(instead):
            error = {"message": self.message, "type": "server_error", "param": None, "code": self.code}
            return written({"error": error}, at=instead.at)
        told = {"type": "error", "code": self.code, "message": self.message, "param": None}
        return written(told | {"sequence_number": self.after}, name="error", at=instead.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFailed(StreamFault):
    """At its end the stream says that it failed: `response.failed`; in a chat, an error."""

    name: ClassVar[str] = "stream_failed"
    is_billed: ClassVar[bool] = False

    message: str = "The server had an error while processing your request."

    def check(self) -> None:
        Spoiler.check(self)
        check_text(self, "message", self.message)

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        *others, last = list(events)
        if not is_of_responses(last):
            yield from StreamError(message=self.message, after=len(others)).events(iter((*others, last)))
            return
        yield from others
        yield edited(last, self._failed)

    def _failed(self, data: dict[str, Any]) -> dict[str, Any]:
        error = {"code": "server_error", "message": self.message}
        response = {**data["response"], "status": "failed", "error": error}
        return {**data, "type": "response.failed", "response": response}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDuplicates(StreamFault):
    """Each event comes twice."""

    name: ClassVar[str] = "stream_duplicates"

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        for event in events:
            yield event
            if said(event) is not None:
                yield event


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamComments(StreamFault):
    """Comments that keep the connection alive, and no event."""

    name: ClassVar[str] = "stream_comments"
    is_billed: ClassVar[bool] = False

    text: str = "keep-alive"
    every: float = 1.0
    """Seconds."""
    times: int | None = None
    """After so many the stream ends; None: never."""

    def check(self) -> None:
        Spoiler.check(self)
        check_text(self, "text", self.text)
        check_every(self, self.every)
        if self.times is not None:
            check_count(self, "times", self.times)

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        del events
        comment = f": {self.text}\n\n".encode()
        for number in count(1) if self.times is None else range(1, self.times + 1):
            yield Piece(comment, number * self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEndless(StreamFault):
    """The stream goes on for ever: its last piece of text again and again."""

    name: ClassVar[str] = "stream_endless"
    is_billed: ClassVar[bool] = False

    every: float = 0.05
    """Seconds between events, once the reply has been said."""

    def check(self) -> None:
        Spoiler.check(self)
        check_every(self, self.every)

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        known = list(events)
        last = max((place for place, event in enumerate(known) if content_of(event)), default=0)
        yield from known[: last + 1]
        for number in count(1):
            yield replace(known[last], at=known[last].at + number * self.every)


FAULTS: tuple[type[Fault], ...] = (StreamError, StreamFailed, StreamDuplicates, StreamComments, StreamEndless)
"""In the order of the documents."""
