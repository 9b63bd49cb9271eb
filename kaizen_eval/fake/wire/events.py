"""What a client can meet on the wire in answer to one request: data, which doors carry out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Answer",
    "Disconnect",
    "Ending",
    "Framing",
    "Hang",
    "Piece",
    "WireEvent",
    "framing_of",
    "html_answer",
    "json_answer",
]

Ending = Literal["complete", "cut", "hang", "reset"]
"""What comes after the last byte of the body.

complete: the end that the framing demands (the last chunk; for "until close" an orderly close), and nothing else: the
connection is free for the next request. cut: the connection is closed in order (FIN) without that end. hang: nothing,
for as long as the client stays. reset: the connection is torn down (RST) without that end, once the client can have
what was sent before.
"""

Framing = Literal["length", "chunked", "broken chunks", "until close"]
"""How the body is told from what follows it.

length: a `content-length`, see `Answer.declared`. chunked: `transfer-encoding: chunked`, each piece a chunk. broken
chunks: the same, and where the size of one more chunk belongs, after the last piece, stands a line that is none.
until close: no header says; `connection: close` is sent, and the body ends with the connection.
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a body that is sent on its own; those that are due at the same instant may share a write."""

    data: bytes
    at: float = 0.0
    """Seconds after the head of the response was due, or after the last byte of a slow one; never less than the piece
    before has.
    """


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response, sent as it says, also where no client can read it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Without `content-length`, `transfer-encoding` and `connection`, which the door writes by `framing_of(answer)`."""
    body: bytes | Iterable[Piece]
    """Whole, or in pieces, which can be gone through again and may have no end."""
    ending: Ending = "complete"
    framing: Framing | None = None
    """None: "length" for a whole body, "chunked" for pieces. Pieces of "length" need `declared`."""
    declared: int | None = None
    """The `content-length` of framing "length", true or not; None: that of the whole body."""
    head_pace: float = 0.0
    """Seconds before each byte of the head; the whole head goes out at once where it is 0."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """No HTTP response: these bytes, which are none, and then a connection that is lost."""

    kind: Literal["refused", "reset", "closed"]
    """refused: no connection at all; a door that has accepted one resets it before it sends anything. reset: torn
    down (RST). closed: in order (FIN).
    """
    sent: bytes = b""
    """Goes out as it is, with neither head nor framing."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing, for as long as the client waits; the connection stays open until the client leaves."""

    half_open: bool = False
    """Whether the connection is dead without the client's knowing: nothing more is read from it either, so that the
    client's leaving is noticed late.
    """


WireEvent = Answer | Disconnect | Hang


def framing_of(answer: Answer) -> Framing:
    """Its framing, or the usual one for its body."""
    if answer.framing is not None:
        return answer.framing
    return "length" if isinstance(answer.body, bytes) else "chunked"


def json_answer(status: int, body: bytes, *headers: tuple[str, str]) -> Answer:
    return Answer(status, (("content-type", "application/json"), *headers), body)


def html_answer(status: int, body: bytes, *headers: tuple[str, str]) -> Answer:
    return Answer(status, (("content-type", "text/html; charset=utf-8"), *headers), body)
