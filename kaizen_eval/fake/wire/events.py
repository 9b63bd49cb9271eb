"""What a client can meet on the wire in answer to one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Answer", "Disconnect", "Ending", "Hang", "WireEvent", "html_answer", "json_answer"]

Ending = Literal["complete", "cut", "hang"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    ending: Ending = "complete"
    """What comes after the body: its end, a lost connection, or nothing at all."""


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
