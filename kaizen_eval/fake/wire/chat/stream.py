"""OpenAI's stream of a chat completion: a chunk for each token, in pieces that are due at an instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Choice, Completion, Part
from kaizen_eval.fake.model.logprobs import TokenLogprob
from kaizen_eval.fake.wire import sse
from kaizen_eval.fake.wire.chat.shape import Shape, encoded_logprobs, encoded_usage, shape_of
from kaizen_eval.fake.wire.events import Piece
from kaizen_eval.fake.wire.json_text import quoted, utf8, written
from kaizen_eval.messages import ToolCall
from kaizen_eval.metrics.tokens import pieces

__all__ = ["ChatStream"]

_KIND = "chat.completion.chunk"
_DONE = f"data: {sse.DONE}\n\n"
_PADDING = "aZ3kQ9vB7xL1mR5t"
"""What `obfuscation` is cut from: the lengths of events say nothing of the lengths of tokens."""

_Logprobs = tuple[TokenLogprob, ...] | None
_Timed = tuple[int, str]
"""A position among the tokens of its choice, and the event that is due there."""


@dataclass(frozen=True, slots=True)
class ChatStream:
    """A stream that can be gone through again; written only as far as somebody reads."""

    completion: Completion
    inquiry: Inquiry

    def __iter__(self) -> Iterator[Piece]:
        """The pieces: events that are due at the same instant are in one."""
        if not self.completion.pace.per_token:
            yield Piece(utf8("".join([event for _, event in self._timed(in_runs=True)])))
            return
        timed = self._timed()
        for position, due in groupby(timed, key=itemgetter(0)):
            yield Piece(utf8("".join([event for _, event in due])), self.completion.due(position))

    def events(self) -> Iterator[Piece]:
        """The same, each event by itself."""
        for position, event in self._timed():
            yield Piece(utf8(event), self.completion.due(position))

    def _timed(self, *, in_runs: bool = False) -> Iterator[_Timed]:
        """All events in the order in which they are due; choices are written side by side.

        In runs, those of a text come joined if they can be: nobody who gets all at once tells them apart.
        """
        shape, last = shape_of(self.completion, self.inquiry), 0
        count = len(self.completion.choices)
        writers = [_Writer(self.completion, self.inquiry, shape, index) for index in range(count)]
        courses = [writer.course(in_runs=in_runs and count == 1) for writer in writers]
        for last, event in courses[0] if len(courses) == 1 else merge(*courses, key=itemgetter(0)):
            yield last, event
        if self.inquiry.include_usage:
            yield last, _usage(self.completion, shape)
        yield last, _DONE


class _Said(NamedTuple):
    """Some of the text of a part, and the tokens that it is made of."""

    text: str
    first: int
    after: int


class _Writer:
    """Writes the events of one choice; what is the same in all of them is written once."""

    def __init__(self, completion: Completion, inquiry: Inquiry, shape: Shape, index: int) -> None:
        self._choice: Choice = completion.choices[index]
        self._spoken = completion.spoken[index]
        self._shape = shape
        self._opening = f'{_opening(completion, shape)}"choices":[{{"index":{index},"delta":'
        self._usage = ',"usage":null' if inquiry.include_usage else ""
        self._closing = f',"logprobs":null,"finish_reason":null}}]{self._usage}}}\n\n'
        self._pads = _pads(inquiry)
        self._adorned = self._pads or inquiry.logprobs is not None
        self._likely: tuple[_Logprobs, _Logprobs] = (None, None)
        if inquiry.logprobs is not None:
            self._likely = completion.logprobs(index, inquiry.logprobs)

    def course(self, *, in_runs: bool) -> Iterator[_Timed]:
        choice, spoken = self._choice, self._spoken
        yield 0, self._event(self._first_delta())
        texts = self._run if in_runs and not self._adorned else self._texts
        yield from texts("content", spoken.text, self._likely[0])
        yield from texts("refusal", spoken.refusal, self._likely[1])
        yield from self._older_call() if self._shape.is_older else self._calls()
        reason = f',"logprobs":null,"finish_reason":"{self._shape.finish_reason(choice)}"}}]{self._usage}}}\n\n'
        yield choice.reasoning + spoken.total, f"{self._opening}{{}}{reason}"

    def _first_delta(self) -> str:
        content = "null" if self._choice.text is None else '""'
        refusal = "null" if self._choice.refusal is None else '""'
        return f'{{"role":"assistant","content":{content},"refusal":{refusal}}}'

    def _run(self, field: str, part: Part, _: _Logprobs) -> Iterator[_Timed]:
        """The events of a text, joined: a long one is written at the speed of a join."""
        if part.tokens:
            opening, closing = f'{self._opening}{{"{field}":', f"}}{self._closing}"
            run = f"{closing}{opening}".join(map(quoted, pieces(part.tokens)))
            yield part.start + len(part.tokens) - 1, f"{opening}{run}{closing}"

    def _texts(self, field: str, part: Part, logprobs: _Logprobs) -> Iterator[_Timed]:
        for said in _said(part):
            likely = None if logprobs is None else logprobs[said.first : said.after]
            event = self._event(f'{{"{field}":{quoted(said.text)}}}', _logprobs(field, likely), said.text)
            yield part.start + said.after - 1, event

    def _calls(self) -> Iterator[_Timed]:
        begun = self._spoken.refusal.start + len(self._spoken.refusal.tokens)
        for place, (call, part) in enumerate(zip(self._choice.tool_calls, self._spoken.arguments, strict=True)):
            head = written({"index": place} | self._shape.call(call, ""))
            yield begun, self._event(f'{{"tool_calls":[{head}]}}')
            yield from self._fragments(f'{{"tool_calls":[{{"index":{place},{self._field(call)}', "}}]}", part)
            begun = part.start + len(part.tokens)

    def _field(self, call: ToolCall) -> str:
        return '"custom":{"input":' if call.name in self._shape.custom else '"function":{"arguments":'

    def _older_call(self) -> Iterator[_Timed]:
        for call, part in zip(self._choice.tool_calls[:1], self._spoken.arguments, strict=False):
            begun = self._spoken.refusal.start + len(self._spoken.refusal.tokens)
            head = written({"name": call.name, "arguments": ""})
            yield begun, self._event(f'{{"function_call":{head}}}')
            yield from self._fragments('{"function_call":{"arguments":', "}}", part)

    def _fragments(self, opening: str, closing: str, part: Part) -> Iterator[_Timed]:
        for said in _said(part):
            event = self._event(f"{opening}{quoted(said.text)}{closing}", padded=said.text)
            yield part.start + said.after - 1, event

    def _event(self, delta: str, logprobs: str = "null", padded: str = "") -> str:
        """An event; with padding where it is asked for, so that all events are about as long."""
        if logprobs == "null" and not self._pads:
            return f"{self._opening}{delta}{self._closing}"
        pad = f',"obfuscation":"{_PADDING[len(padded) % len(_PADDING) :]}"' if self._pads else ""
        return f'{self._opening}{delta},"logprobs":{logprobs},"finish_reason":null}}]{self._usage}{pad}}}\n\n'


def _said(part: Part) -> Iterator[_Said]:
    """What can be shown, one after the other; where a character falls into several tokens, they come together."""
    tokens, place = part.tokens, 0
    texts = pieces(tokens)
    if len(texts) == len(tokens):
        for place, text in enumerate(texts):
            yield _Said(text, place, place + 1)
        return
    for text in texts:
        first, left = place, len(text.encode("utf-8", "surrogatepass"))
        while left > 0 and place < len(tokens):
            left -= len(tokens[place])
            place += 1
        yield _Said(text, first, place)


def _opening(completion: Completion, shape: Shape) -> str:
    opening = shape.opening(_KIND, completion.created)
    return f'data: {opening}"service_tier":"{shape.tier}","system_fingerprint":{quoted(completion.fingerprint)},'


def _usage(completion: Completion, shape: Shape) -> str:
    return f'{_opening(completion, shape)}"choices":[],"usage":{written(encoded_usage(completion.usage))}}}\n\n'


def _logprobs(field: str, likely: _Logprobs) -> str:
    if likely is None:
        return "null"
    return written(encoded_logprobs(likely, None) if field == "content" else encoded_logprobs(None, likely))


def _pads(inquiry: Inquiry) -> bool:
    """Whether padding is asked for; the real service pads unless it is asked not to, which helps nobody here."""
    options = (inquiry.body or {}).get("stream_options") or {}
    return options.get("include_obfuscation") is True
