"""Hand-written stand-ins that tests share."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from kaizen_eval.events import Event
from kaizen_eval.messages import ChatDelta, ChatReply, ChatRequest, Usage

__all__ = ["BILLED", "Recorder", "Scripted", "Spoken", "answer"]

BILLED = Usage(prompt=10, completion=5)


def answer(usage: Usage = BILLED, **outputs: Any) -> ChatReply:
    """A reply whose text is the outputs as JSON."""
    return ChatReply(text=json.dumps(outputs), usage=usage)


class Scripted:
    """A provider that answers or raises as told, one outcome a request, and repeats the last."""

    name = "scripted"

    def __init__(self, *outcomes: ChatReply | BaseException, seconds: float = 0) -> None:
        self._outcomes = list(outcomes)
        self._seconds = seconds
        self.requests: list[ChatRequest] = []
        self.cancelled = 0
        self.closed = 0

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        outcome = self._outcomes[min(len(self.requests), len(self._outcomes)) - 1]
        try:
            await asyncio.sleep(self._seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def aclose(self) -> None:
        self.closed += 1

    def asked(self, number: int = -1) -> list[tuple[str, str]]:
        """A request's messages after the system message, as role and content."""
        return [(m.role, m.content) for m in self.requests[number].messages if m.role != "system"]


class Spoken:
    """A provider that streams as told, one row of parts a request, and repeats the last row.

    A part is a text, a ChatDelta, seconds to wait, or an error to raise.
    """

    name = "spoken"

    def __init__(self, *rows: Sequence[str | float | ChatDelta | BaseException]) -> None:
        self._rows = rows
        self.requests: list[ChatRequest] = []
        self.given: list[str] = []
        """The texts that somebody took."""
        self.open = 0
        """Streams that nobody has closed."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        raise AssertionError("a stream was to be asked for")

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        self.requests.append(request)
        self.open += 1
        try:
            for part in self._rows[min(len(self.requests), len(self._rows)) - 1]:
                if isinstance(part, BaseException):
                    raise part
                if isinstance(part, int | float):
                    await asyncio.sleep(part)
                else:
                    delta = ChatDelta(text=part) if isinstance(part, str) else part
                    self.given.append(delta.text)
                    yield delta
        finally:
            self.open -= 1

    async def aclose(self) -> None: ...


class Recorder:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)

    def names(self) -> list[str]:
        return [type(event).__name__ for event in self.events]
