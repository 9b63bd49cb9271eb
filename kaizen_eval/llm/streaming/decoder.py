"""Decoder: the bytes of a chat completion's stream in, what they add to the reply out."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.errors import BadResponse
from kaizen_eval.llm.shapes import WrongShapeError
from kaizen_eval.llm.streaming.accumulator import Accumulator
from kaizen_eval.llm.streaming.chunk import delta_of, error_in, parsed
from kaizen_eval.llm.streaming.events import Event, EventReader
from kaizen_eval.llm.translate import told_error
from kaizen_eval.messages import ChatDelta

__all__ = ["Decoder"]

_DONE = b"[DONE]"
_KINDS = {"": "an empty stream", ":": "comments alone", "<": "HTML", "{": "JSON", "[": "JSON"}
"""What came instead of events, by the sign that it begins with."""


class Decoder:
    """Reads one stream. A stream without `[DONE]` is whole when it has said why the reply ended.

    What it raises has the text that had come as `received`, and no secrets taken out.
    """

    def __init__(self) -> None:
        self.is_done = False
        """Whether the stream has said that it is over; what comes after it is not read."""
        self.so_far = Accumulator()
        """What the deltas make."""
        self._events = EventReader()
        self._has_event = False

    def feed(self, part: bytes) -> Iterator[ChatDelta]:
        """What the next bytes add; to be gone through before the next.

        Raises:
            BadResponse: an event is none of a chat completion.
            ProviderError: an event tells an error: the one that it means.
        """
        for event in self._events.feed(part):
            if self.is_done:
                return
            delta = self._delta(event)
            if delta is not None:
                yield delta

    def finish(self) -> Iterator[ChatDelta]:
        """What the end of the bytes adds: an event that lacks its blank line.

        Raises:
            BadResponse: the stream ended before the reply did, or as in `feed`.
            ProviderError: as in `feed`.
        """
        if self.is_done:
            return
        rest = self._events.rest()
        if rest is not None:
            delta = self._delta(rest)
            if delta is not None:
                yield delta
        if not self.is_done:
            self._end()

    def _delta(self, event: Event) -> ChatDelta | None:
        self._has_event = True
        if event.data == _DONE:
            self._end()
            return None
        try:
            chunk = parsed(event.data)
            error = error_in(chunk, event.name)
            if error is not None:
                raise told_error(error, body=chunk, received=self.so_far.text)
            delta = delta_of(chunk)
            if delta is not None:
                self.so_far.add(delta)
        except WrongShapeError as wrong:
            raise self._bad(str(wrong), body=event.data.decode(errors="replace")) from wrong.__cause__
        return delta

    def _end(self) -> None:
        if not self.so_far.has_ended:
            raise self._bad(self._instead(), body=None if self._has_event else self._opening() or None)
        self.so_far.check()
        self.is_done = True

    def _instead(self) -> str:
        """What came, where no whole reply did."""
        if self._has_event:
            return "a stream that ends before its reply does"
        opening = self._opening().lstrip("\ufeff \t\r\n")
        return _KINDS.get(opening[:1], "no events")

    def _opening(self) -> str:
        return bytes(self._events.opening).decode(errors="replace")

    def _bad(self, came: str, *, body: object = None) -> BadResponse:
        return BadResponse(
            f"The provider answered with {came}, not with the stream of a chat completion.",
            body=body,
            received=self.so_far.text,
        )
