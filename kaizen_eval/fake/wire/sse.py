"""Server-sent events: how they stand in a body, and how a body falls apart into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from kaizen_eval.fake.wire.events import Piece
from kaizen_eval.fake.wire.json_text import utf8

__all__ = ["DONE", "Event", "apart", "event", "read", "split", "together"]

DONE = "[DONE]"
"""The data of what OpenAI sends last."""
_BLANK_LINE = re.compile(rb"(?>\r\n|\n|\r){2}")
_LINE = re.compile(r"\r\n|\n|\r")


class Event(NamedTuple):
    """An event as a client reads it."""

    data: str
    name: str | None = None


def event(data: str, name: str | None = None) -> bytes:
    """One event, with the blank line that ends it; each line of the data is one of its own."""
    lines = [f"data: {line}\n" for line in _LINE.split(data)]
    return utf8("".join([f"event: {name}\n" if name else "", *lines, "\n"]))


def split(body: bytes) -> tuple[bytes, ...]:
    """The events and comments of a body, each with its blank line; joined, they are the body. The last may be cut."""
    ends = [found.end() for found in _BLANK_LINE.finditer(body)]
    if not ends or ends[-1] < len(body):
        ends.append(len(body))
    return tuple(part for start, end in zip([0, *ends], ends, strict=False) if (part := body[start:end]))


def read(body: bytes) -> Iterator[Event]:
    """What a client reads: no comments, and no event that is cut.

    Raises:
        UnicodeDecodeError: the body is not UTF-8.
    """
    for part in split(body):
        if not _BLANK_LINE.search(part):
            return
        fields = [line.partition(":") for line in _LINE.split(part.decode())]
        data = [value.removeprefix(" ") for field, _, value in fields if field == "data"]
        names = [value.removeprefix(" ") for field, _, value in fields if field == "event"]
        if data:
            yield Event("\n".join(data), names[-1] if names else None)


def apart(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Each event by itself, due when its piece was."""
    for piece in pieces:
        for part in split(piece.data):
            yield Piece(part, piece.at)


def together(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Those that are due at the same instant, and follow one another, in one piece."""
    for at, due in groupby(pieces, key=attrgetter("at")):
        yield Piece(b"".join([piece.data for piece in due]), at)
