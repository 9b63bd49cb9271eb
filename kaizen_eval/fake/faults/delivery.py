"""Faults of delivery: the response is a good one, and goes wrong on its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.faults.base import Fault, Spoiler, check_count
from kaizen_eval.fake.faults.contents import Again, first_part, of_length, whole
from kaizen_eval.fake.timing.distributions import seconds_of
from kaizen_eval.fake.wire.events import Answer, Piece, WireEvent
from kaizen_eval.fake.wire.framing import pieces_of

__all__ = [
    "FAULTS",
    "ConnectionCut",
    "HangInBody",
    "InvalidChunk",
    "LengthTooLong",
    "LengthTooShort",
    "ResetAfterHeaders",
    "ResetInBody",
    "SlowBody",
    "SlowHeaders",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetAfterHeaders(Spoiler):
    """200 and the headers, then the connection is reset."""

    name: ClassVar[str] = "reset_after_headers"
    is_billed: ClassVar[bool] = False

    def spoil(self, answer: Answer) -> WireEvent:
        return replace(first_part(answer, 0), ending="reset")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetInBody(Spoiler):
    """200 and half the body, then the connection is reset."""

    name: ClassVar[str] = "reset_in_body"
    is_billed: ClassVar[bool] = False

    def spoil(self, answer: Answer) -> WireEvent:
        return replace(_half(answer), ending="reset")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCut(Spoiler):
    """200 and half the body, then the connection is closed."""

    name: ClassVar[str] = "connection_cut"
    is_billed: ClassVar[bool] = False

    def spoil(self, answer: Answer) -> WireEvent:
        return replace(_half(answer), ending="cut")


@dataclass(frozen=True, slots=True, kw_only=True)
class HangInBody(Spoiler):
    """200 and half the body, then nothing more."""

    name: ClassVar[str] = "hang_in_body"
    is_billed: ClassVar[bool] = False

    def spoil(self, answer: Answer) -> WireEvent:
        return replace(_half(answer), ending="hang")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowHeaders(Spoiler):
    """The headers come byte by byte, then the body."""

    name: ClassVar[str] = "slow_headers"

    pace: float = 0.1
    """Seconds for each byte of the head."""

    def check(self) -> None:
        Spoiler.check(self)
        _check_pace(self, self.pace)

    def spoil(self, answer: Answer) -> WireEvent:
        return replace(answer, head_pace=self.pace)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowBody(Spoiler):
    """The headers, then one byte of the body each second."""

    name: ClassVar[str] = "slow_body"

    pace: float = 1.0
    """Seconds for each byte."""

    def check(self) -> None:
        Spoiler.check(self)
        _check_pace(self, self.pace)

    def spoil(self, answer: Answer) -> WireEvent:
        body = Again(lambda: self._byte_by_byte(answer))
        if isinstance(answer.body, bytes):
            return replace(answer, body=body, framing="length", declared=len(answer.body))
        return replace(answer, body=body)

    def _byte_by_byte(self, answer: Answer) -> Iterator[Piece]:
        at = 0.0
        for piece in pieces_of(answer):
            for place in range(len(piece.data)):
                at = max(at, piece.at) + self.pace
                yield Piece(piece.data[place : place + 1], at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthTooLong(Spoiler):
    """`content-length` promises more than comes before the connection is closed."""

    name: ClassVar[str] = "length_too_long"
    is_billed: ClassVar[bool] = False

    by: int = 16
    """Bytes that `content-length` promises and that never come."""

    def check(self) -> None:
        Spoiler.check(self)
        check_count(self, "by", self.by, least=1)

    def spoil(self, answer: Answer) -> WireEvent:
        return of_length(answer, len(whole(answer)) + self.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthTooShort(Spoiler):
    """`content-length` promises less than comes: the body ends too early for the client."""

    name: ClassVar[str] = "length_too_short"
    is_billed: ClassVar[bool] = False

    by: int = 16
    """Bytes that come after those that `content-length` promises."""

    def check(self) -> None:
        Spoiler.check(self)
        check_count(self, "by", self.by, least=1)

    def spoil(self, answer: Answer) -> WireEvent:
        return of_length(answer, max(len(whole(answer)) - self.by, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidChunk(Spoiler):
    """200 and half the body in chunks, then a line that is no size of a chunk."""

    name: ClassVar[str] = "invalid_chunk"
    is_billed: ClassVar[bool] = False

    def spoil(self, answer: Answer) -> WireEvent:
        return replace(_half(answer), framing="broken chunks", declared=None, ending="cut")


FAULTS: tuple[type[Fault], ...] = (
    ResetAfterHeaders,
    ResetInBody,
    ConnectionCut,
    HangInBody,
    SlowHeaders,
    SlowBody,
    LengthTooLong,
    LengthTooShort,
    InvalidChunk,
)
"""In the order of the documents."""


def _half(answer: Answer) -> Answer:
    return first_part(answer, len(whole(answer)) // 2)


def _check_pace(fault: Fault, pace: object) -> None:
    if not seconds_of(f"{fault.name}'s pace", pace):
        raise ScriptError(f"{fault.name} takes a pace above 0 seconds for each byte, not {pace!r}.")
