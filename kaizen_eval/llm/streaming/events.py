"""Server-sent events out of the bytes of a stream, however these are cut into parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Event", "EventReader"]

_BOM = b"\xef\xbb\xbf"
_KEPT = 100_000
"""Bytes of what came before the first event that are kept, for whoever is told that it is no stream."""


class Event(NamedTuple):
    """An event as it came; its name is empty where it has none."""

    data: bytes
    name: bytes = b""


class EventReader:
    """Reads by the standard: lines end with LF, CRLF or CR, comments and fields that nobody knows are passed over.

    Otherwise than by the standard, what stands after the last blank line is an event, too: see `rest`.
    """

    def __init__(self) -> None:
        self.opening = bytearray()
        """What came before the end of the first event, or the beginning of that."""
        self._line: list[bytes] = []
        """The parts of a line whose end has not come."""
        self._data: list[bytes] = []
        self._name = b""
        self._after_cr = False
        """Whether a line feed that comes first belongs to the end of the line before."""
        self._is_first_line = True
        self._has_begun = False

    def feed(self, part: bytes) -> Iterator[Event]:
        """The events that end in this part; it is to be gone through before the next part."""
        if not self._has_begun and len(self.opening) < _KEPT:
            self.opening += part
        part = self._with_line_feeds(part)
        if b"\n" not in part:
            self._line.append(part)
            return
        *lines, rest = (b"".join(self._line) + part).split(b"\n")
        self._line = [rest]
        for line in lines:
            if line:
                self._take(line)
            elif (event := self._ended()) is not None:
                yield event

    def rest(self) -> Event | None:
        """What is left at the end of the stream, which lacks its blank line and may be cut."""
        if line := b"".join(self._line):
            self._take(line)
        return self._ended()

    def _with_line_feeds(self, part: bytes) -> bytes:
        """The same, with each end of a line as one sign."""
        if self._after_cr and part:
            part = part.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" not in part:
            return part
        self._after_cr = part.endswith(b"\r")
        return part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _take(self, line: bytes) -> None:
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(_BOM)
        if line.startswith(b"data: "):
            self._data.append(line[6:])
            return
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" "))
        elif field == b"event":
            self._name = value.removeprefix(b" ")

    def _ended(self) -> Event | None:
        name, self._name = self._name, b""
        if not self._data:
            return None
        event = Event(b"\n".join(self._data) if len(self._data) > 1 else self._data[0], name)
        self._data.clear()
        self._has_begun = True
        return event
