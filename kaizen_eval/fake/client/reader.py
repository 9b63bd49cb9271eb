"""What an HTTP/1.1 client makes of the bytes that arrive: h11's reading, and the errors that httpx makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kaizen_eval.fake.wire.course import Arriving, course
from kaizen_eval.fake.wire.events import Answer, WireEvent

if TYPE_CHECKING:
    import h11

__all__ = ["Lost", "Met", "Reader", "Response", "is_plain", "read_whole"]

_LOSSES = {
    "refused": ("ConnectError", "All connection attempts failed"),
    "reset": ("ReadError", "Connection reset by peer"),
}
_UNANSWERED = "Server disconnected without sending a response."
_LONGEST_HEAD = 100 * 1024
"""Bytes, as in httpcore."""


class Lost(Exception):
    """No response, or no more of it: the HTTP client's error by its name, and its words."""

    def __init__(self, error: str, words: str) -> None:
        super().__init__(f"{error}: {words}")
        self.error = error
        self.words = words


class Response(NamedTuple):
    """One that came whole."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class Met(NamedTuple):
    """What a client knows in the end, and when."""

    response: Response | Lost | None
    """None where it waits for ever."""
    at: float = 0.0
    """Seconds after the response was due."""


def is_plain(answer: Answer) -> bool:
    """Whether nothing is wrong with its head and framing, so that a client reads what is there."""
    is_usual = answer.framing is None and answer.declared is None and not answer.head_pace
    return is_usual and answer.ending in {"complete", "hang"}


def read_whole(event: WireEvent) -> Met:
    """What becomes of a client that reads to the end; the event must have one."""
    if isinstance(event, Answer) and isinstance(event.body, bytes) and event.ending == "complete" and is_plain(event):
        return Met(Response(event.status, event.headers, event.body))
    reader, body = Reader(), b""
    for arriving in course(event):
        if arriving.then == "silence":
            break
        try:
            body += reader.take(arriving)
        except Lost as lost:
            return Met(lost, arriving.at)
        if reader.status is not None and reader.ended:
            return Met(Response(reader.status, reader.headers, body), arriving.at)
    return Met(None)


class Reader:
    """Reads one response."""

    def __init__(self) -> None:
        import h11  # noqa: PLC0415 - only what goes wrong on the wire is read byte by byte

        self._h11 = h11
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._connection.send(h11.Request(method="POST", target="/", headers=[("host", "fake")]))
        self._connection.send(h11.EndOfMessage())
        self._response: h11.Response | None = None
        self.ended = False

    @property
    def status(self) -> int | None:
        """None while the head is not whole."""
        return None if self._response is None else self._response.status_code

    @property
    def headers(self) -> list[tuple[str, str]]:
        items = [] if self._response is None else self._response.headers.raw_items()
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in items]

    def take(self, arriving: Arriving) -> bytes:
        """What it brings of the body.

        Raises:
            Lost: the connection is, or what came over it cannot be read.
        """
        if arriving.then in _LOSSES:
            raise Lost(*_LOSSES[arriving.then])
        if arriving.then == "closed" and self._connection.their_state is self._h11.SEND_RESPONSE:
            raise Lost("RemoteProtocolError", _UNANSWERED)
        try:
            self._connection.receive_data(arriving.data)
            return b"".join(self._parts())
        except self._h11.RemoteProtocolError as error:
            raise Lost("RemoteProtocolError", str(error)) from error

    def _parts(self) -> list[bytes]:
        parts = []
        while (event := self._connection.next_event()) is not self._h11.NEED_DATA:
            match event:
                case self._h11.Response():
                    self._response = event
                case self._h11.Data(data=data):
                    parts.append(bytes(data))
                case self._h11.EndOfMessage():
                    self.ended = True
                    break
        return parts
