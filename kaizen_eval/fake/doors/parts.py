"""What a client at an in-process door is given of a response: its head, and its body part by part, each at its time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from kaizen_eval.fake.client.heard import bodies
from kaizen_eval.fake.client.reader import Reader, is_plain
from kaizen_eval.fake.client.unpacking import is_encoded
from kaizen_eval.fake.doors.delivery import Delivery, silence
from kaizen_eval.fake.wire import sse
from kaizen_eval.fake.wire.course import Arriving, course
from kaizen_eval.fake.wire.events import Answer, Piece, WireEvent
from kaizen_eval.fake.wire.framing import pieces_of

__all__ = ["Head", "Parts", "parts_of"]


class Head(NamedTuple):
    """Status and headers."""

    status: int
    headers: list[tuple[str, str]]


class _Pieces:
    """A response of which nothing is wrong but that it may stop; each event of a stream is a part."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._delivery: Delivery[Piece] = Delivery(_apart(answer))
        self._taken = 0
        self._stops = answer.ending == "hang"

    async def head(self, patience: float | None) -> Head:  # noqa: ARG002 - it is there at once
        return Head(self._answer.status, list(self._answer.headers))

    async def next(self, patience: float | None) -> bytes | None:
        piece = await self._delivery.next(patience)
        if piece is None and self._stops:
            await silence(patience)
        if piece is None:
            return None
        self._taken += 1
        return piece.data

    def taken(self) -> Iterator[bytes]:
        """The parts that were given so far, once more."""
        return (piece.data for piece in islice(_apart(self._answer), self._taken))

    def is_over(self) -> bool:
        return self._stops or self._delivery.is_over()


class _Read:
    """What can be read of a response with which anything may be wrong."""

    def __init__(self, event: WireEvent) -> None:
        self._event = event
        self._delivery: Delivery[Arriving] = Delivery(course(event))
        self._taken = 0
        self._reader = Reader()
        self._first = b""

    async def head(self, patience: float | None) -> Head:
        while self._reader.status is None:
            self._first += await self._take(patience)
        return Head(self._reader.status, self._reader.headers)

    async def next(self, patience: float | None) -> bytes | None:
        if self._first:
            first, self._first = self._first, b""
            return first
        return None if self._reader.ended else await self._take(patience)

    def taken(self) -> Iterator[bytes]:
        """As of `_Pieces`; raises Lost where the connection was."""
        return bodies(self._event, arrivals=self._taken)

    def is_over(self) -> bool:
        return True

    async def _take(self, patience: float | None) -> bytes:
        arriving = await self._delivery.next(patience)
        if arriving is None or arriving.then == "silence":
            await silence(patience)
        self._taken += 1
        return self._reader.take(arriving)


def _apart(answer: Answer) -> Iterator[Piece]:
    """A reader who leaves a stream early has taken no event more than it has read; what is packed stays whole."""
    return iter(pieces_of(answer)) if is_encoded(answer.headers) else sse.apart(pieces_of(answer))


Parts = _Pieces | _Read


def parts_of(event: WireEvent) -> Parts:
    """To be asked for its head first, and then for the parts of its body until there is none.

    Each raises `Lost` where the connection is lost, or the client's patience.
    """
    return _Pieces(event) if isinstance(event, Answer) and is_plain(event) else _Read(event)
