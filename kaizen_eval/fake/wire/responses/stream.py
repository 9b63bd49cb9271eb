"""The stream of a response: its events in the order of the real service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Completion, Part
from kaizen_eval.fake.model.logprobs import TokenLogprob
from kaizen_eval.fake.wire.events import Piece
from kaizen_eval.fake.wire.json_text import quoted, utf8, written
from kaizen_eval.fake.wire.responses.body import begun, finished
from kaizen_eval.fake.wire.responses.output import (
    encode_output,
    logprobs_of,
    refusal_part,
    shown_logprobs,
    text_part,
)
from kaizen_eval.metrics.tokens import pieces

__all__ = ["encode_stream"]

_PADDED = 16
"""Deltas are filled up to a multiple of so many characters where a client asks for that."""


def encode_stream(completion: Completion, inquiry: Inquiry, *, after: int = -1) -> tuple[Piece, ...]:
    """The events behind a number in the sequence, those that are due at the same instant in one piece."""
    events = _Events(completion, inquiry, after)
    output = encode_output(completion, inquiry)
    events.begin()
    for index, item in enumerate(output):
        _WRITERS[item["type"]](events, index, item)
    events.end(output)
    return events.pieces()


class _Events:
    """Events as they are written, and when they are due."""

    def __init__(self, completion: Completion, inquiry: Inquiry, after: int) -> None:
        self.completion = completion
        self.inquiry = inquiry
        self._body = inquiry.body or {}
        self._after = after
        self._number = 0
        self._at = 0.0
        self._due: list[str] = []
        self._pieces: list[Piece] = []
        self.calls = iter(completion.spoken[0].arguments)
        """What is called, call by call."""
        self._pads = bool((self._body.get("stream_options") or {}).get("include_obfuscation"))
        self._is_plain = not self._pads and not completion.pace.per_token and after < 0

    def begin(self) -> None:
        """Nothing is said yet."""
        in_progress = begun(self.completion, self.inquiry, "in_progress")
        first = in_progress
        if self._body.get("background"):
            first = begun(self.completion, self.inquiry, "queued")
        self.write("response.created", response=first)
        if first is not in_progress:
            self.write("response.queued", response=first)
        self.write("response.in_progress", response=in_progress)

    def end(self, output: list[dict[str, Any]]) -> None:
        """All is said."""
        response = finished(self.completion, self.inquiry, output)
        self.write(f"response.{response['status']}", response=response)

    def write(self, name: str, **fields: Any) -> None:
        """One event."""
        self._add(f'event: {name}\ndata: {{"type":"{name}","sequence_number":{self._number},{written(fields)[1:]}\n\n')

    def wait(self, part: Part) -> None:
        """Until the first token of something."""
        self._until(self.completion.due(part.start))

    def deltas(self, name: str, part: Part, logprobs: Sequence[TokenLogprob] | None = None, **where: Any) -> None:
        """One event for each token that shows whole characters; the field of its probability is there unless None."""
        opening = f'event: {name}\ndata: {{"type":"{name}","sequence_number":'
        place = f',{written(where)[1:-1]},"delta":'
        unlikely = "" if logprobs is None else ',"logprobs":[]'
        if self._is_plain and not logprobs:
            self._run(opening, place, unlikely, part)
            return
        due, start = self.completion.due, 0
        for text, stop in _shown(part.tokens):
            self._until(due(part.start + stop - 1))
            likely = f',"logprobs":{written(shown_logprobs(logprobs[start:stop]))}' if logprobs else unlikely
            self._add(f"{opening}{self._number}{place}{quoted(text)}{likely}{self._padding(text)}}}\n\n")
            start = stop

    def pieces(self) -> tuple[Piece, ...]:
        """All that was written."""
        self._flush()
        return tuple(self._pieces)

    def _run(self, opening: str, place: str, likely: str, part: Part) -> None:
        """The same where all are due at once: a long text is written at the speed of a comprehension."""
        numbered = enumerate(map(quoted, pieces(part.tokens)), self._number)
        run = [f"{opening}{number}{place}{text}{likely}}}\n\n" for number, text in numbered]
        self._due += run
        self._number += len(run)

    def _padding(self, text: str) -> str:
        """What hides how long a delta is, where a client asks for that."""
        if not self._pads:
            return ""
        noise = blake2b(f"{self.completion.mark} {self._number}".encode()).hexdigest()
        return f',"obfuscation":"{noise[: _PADDED - len(text) % _PADDED]}"'

    def _add(self, event: str) -> None:
        if self._number > self._after:
            self._due.append(event)
        self._number += 1

    def _until(self, at: float) -> None:
        if at > self._at:
            self._flush()
            self._at = at

    def _flush(self) -> None:
        if self._due:
            self._pieces.append(Piece(utf8("".join(self._due)), self._at))
            self._due = []


def _reasoning(events: _Events, index: int, item: Mapping[str, Any]) -> None:
    events.write("response.output_item.added", output_index=index, item=item)
    events.wait(events.completion.spoken[0].text)
    events.write("response.output_item.done", output_index=index, item=item)


def _message(events: _Events, index: int, item: Mapping[str, Any]) -> None:
    spoken = events.completion.spoken[0]
    events.wait(spoken.text)
    events.write(
        "response.output_item.added", output_index=index, item={**item, "status": "in_progress", "content": []}
    )
    for place, part in enumerate(item["content"]):
        where = {"item_id": item["id"], "output_index": index, "content_index": place}
        if part["type"] == "output_text":
            _text(events, part, where)
        else:
            _refusal(events, part, where)
    events.write("response.output_item.done", output_index=index, item=item)


def _text(events: _Events, part: Mapping[str, Any], where: Mapping[str, Any]) -> None:
    logprobs = logprobs_of(events.completion, events.inquiry)
    events.write("response.content_part.added", **where, part=text_part(""))
    events.deltas("response.output_text.delta", events.completion.spoken[0].text, logprobs, **where)
    events.write("response.output_text.done", **where, text=part["text"], logprobs=part["logprobs"])
    events.write("response.content_part.done", **where, part=part)


def _refusal(events: _Events, part: Mapping[str, Any], where: Mapping[str, Any]) -> None:
    events.write("response.content_part.added", **where, part=refusal_part(""))
    events.deltas("response.refusal.delta", events.completion.spoken[0].refusal, **where)
    events.write("response.refusal.done", **where, refusal=part["refusal"])
    events.write("response.content_part.done", **where, part=part)


def _call(events: _Events, index: int, item: Mapping[str, Any], *, written: str, event: str) -> None:
    """`written` is the field that holds what the model wrote."""
    part = next(events.calls)
    where = {"item_id": item["id"], "output_index": index}
    events.wait(part)
    begun_item = {**item, "status": "in_progress", written: ""}
    events.write("response.output_item.added", output_index=index, item=begun_item)
    events.deltas(f"response.{event}.delta", part, **where)
    events.write(f"response.{event}.done", **where, **{written: item[written]})
    events.write("response.output_item.done", output_index=index, item=item)


_Write = Callable[[_Events, int, Mapping[str, Any]], None]
_WRITERS: Mapping[str, _Write] = {
    "reasoning": _reasoning,
    "message": _message,
    "function_call": partial(_call, written="arguments", event="function_call_arguments"),
    "custom_tool_call": partial(_call, written="input", event="custom_tool_call_input"),
}


def _shown(tokens: Sequence[bytes]) -> Iterator[tuple[str, int]]:
    """Texts that can be shown one after the other, and how many tokens that takes; half a character waits."""
    waiting = b""
    for count, token in enumerate(tokens, 1):
        waiting += token
        try:
            shown = waiting.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            continue
        yield shown, count
        waiting = b""
