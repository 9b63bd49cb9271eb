"""SentStream: a stream on its way out, of which it is known how far it has been sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from kaizen_eval.fake.client.heard import Heard, bodies, heard
from kaizen_eval.fake.wire.events import Answer, Piece
from kaizen_eval.fake.wire.framing import pieces_of

__all__ = ["SentStream"]


class SentStream:
    """Counts the pieces; what is in them is looked at where that is needed, and not before."""

    def __init__(self, event: Answer, *, is_sound: bool) -> None:
        self.is_sound = is_sound
        """Whether nothing happens to it on its way."""
        self.answer = event
        """What is to be sent instead of the event: the same, counted."""
        self._event = event
        self._pieces: _Counted | None = None
        if not isinstance(event.body, bytes):
            self._pieces = _Counted(event.body)
            self.answer = replace(event, body=self._pieces)

    def whole(self) -> Heard:
        """What its client makes of all of it."""
        return heard(bodies(self._event), self._event.headers, has_ended=True)

    def sent(self) -> Heard:
        """What its client makes of what was sent so far."""
        count = 0 if self._pieces is None else self._pieces.count
        parts = (piece.data for piece in islice(pieces_of(self._event), count))
        return heard(parts, self._event.headers, has_ended=False)


@dataclass(slots=True)
class _Counted:
    pieces: Iterable[Piece]
    count: int = 0
    """How many were sent: whoever asks for the next has sent the one before."""

    def __iter__(self) -> Iterator[Piece]:
        self.count = 0
        for piece in self.pieces:
            yield piece
            self.count += 1
