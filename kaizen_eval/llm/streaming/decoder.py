"""Decoder: the bytes of a chat completion's stream in, what they add to the reply out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kaizen_eval.errors import BadResponse
from kaizen_eval.llm.shapes import WrongShapeError
from kaizen_eval.llm.streaming.accumulator import Accumulator
from kaizen_eval.llm.streaming.chunk import delta_of, error_in, error_words, parsed
from kaizen_eval.llm.streaming.events import Event, EventReader
from kaizen_eval.llm.streaming.pairs import ends_in_half, paired
from kaizen_eval.llm.translate import told_error
from kaizen_eval.messages import ChatDelta

__all__ = ["Decoder"]

_DONE = b"[DONE]"
_KINDS = {"": "an empty stream", ":": "comments alone", "<": "HTML", "{": "JSON", "[": "JSON"}
"""By the sign that it begins with."""


class Decoder:
    """Reads one stream. A stream without `[DONE]` is whole when it has said why the reply ended.

    What it raises has the text that had come as `received`, if the reply had begun; secrets are not taken out.
    """

    def __init__(self) -> None:
        self.is_done = False
        """Whether the stream has said that it is over; what comes after it is not read."""
        self.so_far = Accumulator()
        """What the deltas make."""
        self._half = ""
        """The first half of a character, of which the other has not come."""
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
            return self._said(event)
        except WrongShapeError as wrong:
            raise self._wrong(str(wrong), event) from wrong.__cause__

    def _said(self, event: Event) -> ChatDelta | None:
        chunk = parsed(event.data)
        error = error_in(chunk, event.name)
        if error is not None:
            raise told_error(error, body=chunk, received=self.so_far.received)
        delta = delta_of(chunk)
        if delta is not None:
            delta = self._in_whole_characters(delta)
            self.so_far.add(delta)
        return delta

    def _in_whole_characters(self, delta: ChatDelta) -> ChatDelta:
        """Half a character at the end of a text waits for the rest of it."""
        if not self._half and not ends_in_half(delta.text):
            return delta
        text = paired(self._half + delta.text)
        keeps = ends_in_half(text) and delta.finish_reason is None
        self._half = text[-1] if keeps else ""
        return replace(delta, text=text[:-1] if keeps else text)

    def _end(self) -> None:
        if not self._has_event:
            raise self._no_stream()
        if not self.so_far.has_ended:
            raise BadResponse(f"The stream ended before the reply did, {self._place()}.", received=self.so_far.received)
        self.so_far.check()
        self.is_done = True

    def _wrong(self, came: str, event: Event) -> BadResponse:
        return BadResponse(
            f"The stream of the reply holds {came}, {self._place()}.",
            body=event.data.decode(errors="replace"),
            received=self.so_far.received,
        )

    def _no_stream(self) -> BadResponse:
        opening = bytes(self._events.opening).decode(errors="replace")
        came = _instead(opening.lstrip("\ufeff \t\r\n"))
        return BadResponse(
            f"The provider answered with {came}, not with the stream of a chat completion.", body=opening or None
        )

    def _place(self) -> str:
        return f"after {len(self.so_far.text)} characters of it"


def _instead(opening: str) -> str:
    """What came instead of events, by how it begins."""
    if opening.startswith("{") and (words := error_words(opening)):
        return f"an error{words}"
    return _KINDS.get(opening[:1], f"{len(opening)} characters that are no events")
