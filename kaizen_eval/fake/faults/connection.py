"""Faults of the connection: no response comes, whatever the model would have said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kaizen_eval.fake.faults.base import Asked, Fault
from kaizen_eval.fake.wire.events import Disconnect, Hang, WireEvent

__all__ = [
    "FAULTS",
    "ConnectionClosed",
    "ConnectionRefused",
    "ConnectionReset",
    "Garbage",
    "HalfOpen",
    "HangBeforeHeaders",
]

_GARBAGE = b"\x00\xff not HTTP\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unanswered(Fault):
    """The same whatever was asked."""

    event: ClassVar[WireEvent]

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - no answer knows nothing of the request
        return self.event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRefused(_Unanswered):
    """No connection; a server that has accepted one resets it at once."""

    name: ClassVar[str] = "connection_refused"
    event: ClassVar[WireEvent] = Disconnect("refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionReset(_Unanswered):
    """The connection is reset before any response."""

    name: ClassVar[str] = "connection_reset"
    event: ClassVar[WireEvent] = Disconnect("reset")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionClosed(_Unanswered):
    """The connection is closed in order before any response."""

    name: ClassVar[str] = "connection_closed"
    event: ClassVar[WireEvent] = Disconnect("closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage(_Unanswered):
    """Bytes that are not HTTP, then the end of the connection."""

    name: ClassVar[str] = "garbage"
    event: ClassVar[WireEvent] = Disconnect("closed", _GARBAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HangBeforeHeaders(_Unanswered):
    """The request is taken, and then nothing, for as long as the client waits."""

    name: ClassVar[str] = "hang"
    event: ClassVar[WireEvent] = Hang()


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOpen(_Unanswered):
    """Nothing, from a server that is gone without a word: that the client leaves is noticed late."""

    name: ClassVar[str] = "half_open"
    event: ClassVar[WireEvent] = Hang(half_open=True)


FAULTS: tuple[type[Fault], ...] = (
    ConnectionRefused,
    ConnectionReset,
    ConnectionClosed,
    Garbage,
    HangBeforeHeaders,
    HalfOpen,
)
"""In the order of the documents."""
