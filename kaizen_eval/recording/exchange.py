"""An exchange as a cassette keeps it: what was sent, what came when, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kaizen_eval.recording.body import EMPTY, Body

__all__ = [
    "Exchange",
    "Failure",
    "Headers",
    "Piece",
    "RawRequest",
    "RecordedRequest",
    "RecordedResponse",
    "content_type",
    "in_order",
    "media_type",
]

Headers = tuple[tuple[str, str], ...]
"""Names in lower case; in the order that they came in."""


def content_type(headers: Headers) -> str:
    """As it was told; empty where it was not."""
    return next((value for name, value in headers if name == "content-type"), "")


def media_type(headers: Headers) -> str:
    """`application/json`: without parameters, in lower case; empty where none was told."""
    return content_type(headers).partition(";")[0].strip().lower()


class RawRequest(NamedTuple):
    """A request as a client sends it, secrets included; never kept."""

    method: str
    """In capitals."""
    url: str
    """Whole, with its query."""
    headers: Headers
    body: bytes
    """Not compressed."""

    def __repr__(self) -> str:
        """For tracebacks and logs, which keep it too."""
        return f"<RawRequest: {self.method}, {len(self.headers)} headers, {len(self.body)} bytes>"


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as a cassette keeps it: without secrets, and without what differs from machine to machine."""

    method: str
    """In capitals."""
    path: str
    """Without host, port and what a base URL puts before the endpoint: `/chat/completions`."""
    query: tuple[tuple[str, str], ...] = ()
    """Sorted."""
    headers: Headers = ()
    body: Body = EMPTY


class Piece(NamedTuple):
    """A part of a body, as it came in one read."""

    data: bytes
    at_us: int
    """Microseconds since the request was sent."""


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """A response as a cassette keeps it: without secrets, and decompressed."""

    status: int
    headers: Headers = ()
    body: Body = EMPTY
    """As far as it came."""
    sizes: tuple[int, ...] = ()
    """Bytes of each piece; they add up to the body. None for an empty body."""
    offsets_us: tuple[int, ...] = ()
    """When each piece came: microseconds since the request was sent."""
    at_us: int = 0
    """When the head came."""

    def pieces(self) -> Iterator[Piece]:
        start, data = 0, self.body.data
        for size, at_us in zip(self.sizes, self.offsets_us, strict=True):
            yield Piece(data[start : start + size], at_us)
            start += size


@dataclass(frozen=True, slots=True)
class Failure:
    """What the HTTP client raised, before or amid the response."""

    error: str
    """Its class in httpx and httpx2: "ConnectError", "ReadError", "ReadTimeout", "RemoteProtocolError" …"""
    message: str
    """Without secrets."""
    at_us: int = 0
    """Microseconds since the request was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One exchange of a cassette: a response, a failure, or a response that a failure cut."""

    lane: str = ""
    """Which of several that run side by side it belongs to: a trial, an agent, an epoch."""
    slot: int
    """From 1, in the order sent in its lane."""
    key: str
    """What finds it again: a digest of what was asked; see `kaizen_eval.recording.lookup.key`."""
    request: RecordedRequest
    response: RecordedResponse | None = None
    failure: Failure | None = None
    was_left: bool = False
    """Whether the client stopped reading before the end: what would have followed is not known."""
    sent_at_us: int = 0
    """Microseconds since the cassette's recording began."""


def in_order(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """By lane and slot: as they stand in a cassette."""
    return tuple(sorted(exchanges, key=lambda exchange: (exchange.lane, exchange.slot)))
