"""What a client can meet on the wire in answer to one request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Answer", "Disconnect", "Ending", "Hang", "Piece", "WireEvent", "html_answer", "json_answer"]

Ending = Literal["complete", "cut", "hang", "reset"]
"""What comes after the body: its end, a connection closed too early, nothing at all, or a connection torn down."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a body that is sent on its own."""

    data: bytes
    at: float = 0.0
    """Seconds after the head of the response is due."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Without `content-length` and `transfer-encoding`, which belong to the door."""
    body: bytes | Iterable[Piece]
    """Whole, or in pieces, which can be gone through again and may have no end."""
    ending: Ending = "complete"


@dataclass(frozen=True, slots=True)
class Disconnect:
    """No HTTP response: refused, reset before an answer, or something that is not HTTP."""

    kind: Literal["refused", "reset", "garbage"]


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing, for as long as the client waits."""


WireEvent = Answer | Disconnect | Hang


def json_answer(status: int, body: bytes, *headers: tuple[str, str]) -> Answer:
    return Answer(status, (("content-type", "application/json"), *headers), body)


def html_answer(status: int, body: bytes, *headers: tuple[str, str]) -> Answer:
    return Answer(status, (("content-type", "text/html; charset=utf-8"), *headers), body)
