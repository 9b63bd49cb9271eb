"""The course of an event: which bytes arrive when, and how the connection ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from kaizen_eval.fake.wire.events import Answer, Disconnect, Hang, WireEvent, framing_of
from kaizen_eval.fake.wire.framing import frame, head, pieces_of, tail

__all__ = ["Arriving", "Then", "course"]

Then = Literal["more", "silence", "closed", "reset", "refused"]


class Arriving(NamedTuple):
    """What arrives at the client at one instant."""

    at: float
    """Seconds after the response was due."""
    data: bytes = b""
    then: Then = "more"
    """Only what comes last, and brings no data, is not followed by more."""


def course(event: WireEvent) -> Iterator[Arriving]:
    """In order, the end of the connection last; without an end where the event has none."""
    match event:
        case Hang():
            yield Arriving(0, then="silence")
        case Disconnect(kind=kind, sent=sent):
            if sent:
                yield Arriving(0, sent)
            yield Arriving(0, then=kind)
        case Answer():
            yield from _answer(event)


def _answer(answer: Answer) -> Iterator[Arriving]:
    written = head(answer)
    begun = last = len(written) * answer.head_pace
    yield from _head(written, answer.head_pace)
    for piece in pieces_of(answer):
        last = begun + piece.at
        if piece.data:
            yield Arriving(last, frame(answer, piece.data))
    if end := tail(answer):
        yield Arriving(last, end)
    yield Arriving(last, then=_then(answer))


def _head(written: bytes, pace: float) -> Iterator[Arriving]:
    if not pace:
        yield Arriving(0, written)
        return
    for place in range(len(written)):
        yield Arriving((place + 1) * pace, written[place : place + 1])


def _then(answer: Answer) -> Then:
    """After a complete answer the connection stays open, and whoever still waits for more meets silence."""
    if answer.ending == "reset":
        return "reset"
    is_closed = answer.ending == "cut" or (answer.ending == "complete" and framing_of(answer) == "until close")
    return "closed" if is_closed else "silence"
