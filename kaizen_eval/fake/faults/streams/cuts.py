"""Faults of streams that end too early, or without their end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import ClassVar

from kaizen_eval.fake.faults.base import Fault, check_count
from kaizen_eval.fake.faults.streams.base import After, Cut, StreamFault
from kaizen_eval.fake.faults.streams.events import DONE, cut_in_character
from kaizen_eval.fake.wire.events import Ending, Piece

__all__ = [
    "FAULTS",
    "StreamCut",
    "StreamCutInCharacter",
    "StreamCutInEvent",
    "StreamStall",
    "StreamUnended",
    "StreamWithoutDone",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCut(Cut):
    """The stream ends before its first event, or after some."""

    name: ClassVar[str] = "stream_cut"

    after: int = 0
    """Events that come before."""

    def check(self) -> None:
        Cut.check(self)
        check_count(self, "after", self.after)

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        return islice(events, self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCutInEvent(Cut):
    """The stream ends in the middle of an event."""

    name: ClassVar[str] = "stream_cut_in_event"

    after: int = 1
    """Events that come before."""

    def check(self) -> None:
        Cut.check(self)
        check_count(self, "after", self.after)

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        yield from islice(events, self.after)
        for event in islice(events, 1):
            yield replace(event, data=event.data[: len(event.data) // 2])


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamCutInCharacter(Cut):
    """The stream ends between the bytes of one character."""

    name: ClassVar[str] = "stream_cut_in_character"

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        for event in events:
            cut = cut_in_character(event)
            yield event if cut is None else replace(event, data=cut)
            if cut is not None:
                return


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWithoutDone(StreamFault):
    """The last event is missing: `[DONE]`, or `response.completed`."""

    name: ClassVar[str] = "stream_without_done"

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        return iter(list(events)[:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamUnended(StreamFault):
    """The stream ends in order, but its last event without a blank line, and without `[DONE]`."""

    name: ClassVar[str] = "stream_unended"

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        *others, last = (event for event in events if not event.data.startswith(DONE))
        yield from others
        yield replace(last, data=last.data.rstrip(b"\n"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStall(After):
    """After some events, nothing more."""

    name: ClassVar[str] = "stream_stall"
    is_billed: ClassVar[bool] = False

    def events(self, events: Iterator[Piece]) -> Iterator[Piece]:
        return islice(events, self.after)

    def ends(self) -> Ending:
        return "hang"


FAULTS: tuple[type[Fault], ...] = (
    StreamCut,
    StreamCutInEvent,
    StreamCutInCharacter,
    StreamWithoutDone,
    StreamUnended,
    StreamStall,
)
"""In the order of the documents."""
