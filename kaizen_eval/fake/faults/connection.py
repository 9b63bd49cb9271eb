"""Faults of the connection: no response comes, whatever the model would have said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kaizen_eval.fake.faults.base import Asked, Fault
from kaizen_eval.fake.wire.events import Disconnect, Hang, WireEvent

__all__ = [
    "ConnectionClosed",
    "ConnectionRefused",
    "ConnectionReset",
    "Garbage",
    "HalfOpen",
    "HangBeforeHeaders",
]

_GARBAGE = b"\x00\xff not HTTP\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRefused(Fault):
    """No connection; a server that has accepted one resets it at once."""

    name: ClassVar[str] = "connection_refused"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - a refusal knows nothing of the request
        return Disconnect("refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionReset(Fault):
    """The connection is reset before any response."""

    name: ClassVar[str] = "connection_reset"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - a reset knows nothing of the request
        return Disconnect("reset")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionClosed(Fault):
    """The connection is closed in order before any response."""

    name: ClassVar[str] = "connection_closed"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - an end knows nothing of the request
        return Disconnect("closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Garbage(Fault):
    """Bytes that are not HTTP, then the end of the connection."""

    name: ClassVar[str] = "garbage"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - garbage knows nothing of the request
        return Disconnect("closed", _GARBAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HangBeforeHeaders(Fault):
    """The request is taken, and then nothing, for as long as the client waits."""

    name: ClassVar[str] = "hang"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - silence knows nothing of the request
        return Hang()


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOpen(Fault):
    """Nothing, from a server that is gone without a word: it does not notice that the client leaves, either."""

    name: ClassVar[str] = "half_open"

    def play(self, asked: Asked) -> WireEvent:  # noqa: ARG002 - silence knows nothing of the request
        return Hang(half_open=True)
