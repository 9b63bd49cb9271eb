"""What is in the body of an answer, whole or in pieces: for faults that happen to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from kaizen_eval.fake.wire.events import Answer, Piece
from kaizen_eval.fake.wire.framing import pieces_of

__all__ = ["Again", "first_part", "of_length", "whole"]


@dataclass(frozen=True, slots=True)
class Again:
    """Pieces that are made each time somebody goes through them."""

    made: Callable[[], Iterator[Piece]]

    def __iter__(self) -> Iterator[Piece]:
        return self.made()


def whole(answer: Answer) -> bytes:
    """All of the body, which must have an end."""
    return b"".join(piece.data for piece in pieces_of(answer))


def first_part(answer: Answer, size: int) -> Answer:
    """So many bytes of the body, under the head of the whole one."""
    if isinstance(answer.body, bytes):
        return replace(answer, body=answer.body[:size], declared=len(answer.body))
    return replace(answer, body=tuple(_first(answer.body, size)))


def of_length(answer: Answer, declared: int) -> Answer:
    """The same under a `content-length` of this size, and then a connection that is closed."""
    return replace(answer, declared=declared, framing="length", ending="cut")


def _first(pieces: Iterable[Piece], size: int) -> Iterator[Piece]:
    left = size
    for piece in pieces:
        if left <= 0:
            return
        yield replace(piece, data=piece.data[:left])
        left -= len(piece.data)
