"""One client of the door HTTP, over as many connections as it likes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from kaizen_eval.fake.mcp import http_wording as wording
from kaizen_eval.fake.mcp.talk import Host, Talk

__all__ = ["HttpSession"]


class HttpSession:
    """What nobody asked for goes out with the next answer while one is due, else over the stream that GET opens."""

    def __init__(self, host: Host) -> None:
        self.id = uuid4().hex
        self.talk = Talk(host, self._tell)
        self._due = 0
        self._outbox: list[Mapping[str, Any]] = []
        self._stream: asyncio.StreamWriter | None = None

    def expect(self) -> None:
        """An answer is due."""
        self._due += 1

    def response(self, message: Mapping[str, Any]) -> bytes:
        """An answer, with what is to go out before it."""
        self._due -= 1
        if not self._outbox:
            return wording.whole(200, message, session=self.id)
        events = [wording.event(each) for each in (*self._take(), message)]
        return b"".join([wording.stream_head(self.id), *events, wording.chunk()])

    def give_up(self) -> None:
        """An answer that was due does not come."""
        self._due -= 1
        self._flush()

    def opened(self, stream: asyncio.StreamWriter) -> None:
        """The client listens."""
        stream.write(wording.stream_head(self.id))
        self._stream = stream
        self._flush()

    def lost(self, stream: asyncio.StreamWriter) -> None:
        """One of its connections has ended."""
        if self._stream is stream:
            self._stream = None

    def _tell(self, message: Mapping[str, Any]) -> None:
        self._outbox.append(message)
        self._flush()

    def _flush(self) -> None:
        if self._stream is not None and not self._due:
            for message in self._take():
                self._stream.write(wording.event(message))

    def _take(self) -> list[Mapping[str, Any]]:
        taken, self._outbox = self._outbox, []
        return taken
