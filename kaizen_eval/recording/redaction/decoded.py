"""Decoded: a text that was written with escapes, and where each of its characters was written."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kaizen_eval.secrets.spans import Span

__all__ = ["Decoded", "from_json", "from_percent", "joined", "plain"]

_JSON_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL
)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_PERCENT = re.compile(r"%([0-7][0-9a-fA-F])")
_PERCENT_FORM = re.compile(r"%([0-7][0-9a-fA-F])|\+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, with the places in its source at which stretches of it begin."""

    text: str
    at: Sequence[int]
    """Indexes into the text, from 0, ascending."""
    sources: Sequence[int]
    """Where each of these characters begins in the source; what follows it stands there in a row."""
    source_end: int

    def source(self, index: int) -> int:
        """Where that character begins; the end of the source for the end of the text."""
        if index >= len(self.text):
            return self.source_end
        stretch = bisect_right(self.at, index) - 1
        return self.sources[stretch] + index - self.at[stretch]

    def outside(self, spans: Iterable[Span]) -> Iterator[Span]:
        """Spans of the text as spans of its source."""
        for span in spans:
            yield span._replace(start=self.source(span.start), end=self.source(span.end))


def plain(source: str, start: int, end: int) -> Decoded:
    return Decoded(source[start:end], (0,), (start,), end)


def from_json(source: str, start: int, end: int) -> Decoded:
    """What stands between the quotes of a JSON string."""
    if source.find("\\", start, end) < 0:
        return plain(source, start, end)
    return _decoded(source, start, end, _JSON_ESCAPE, _json_character)


def from_percent(source: str, start: int, end: int, *, form: bool = False) -> Decoded:
    """Percent-encoded text; of what is no ASCII the escapes stay. In a form, a plus stands for a space."""
    return _decoded(source, start, end, _PERCENT_FORM if form else _PERCENT, _percent_character)


def joined(pieces: Sequence[Decoded]) -> Decoded:
    """Pieces in the order of their sources as one text; what stands between them is in no span alone."""
    at: list[int] = []
    sources: list[int] = []
    length = 0
    for piece in pieces:
        if piece.text:
            at += [length + index for index in piece.at]
            sources += piece.sources
            length += len(piece.text)
    text = "".join([piece.text for piece in pieces])
    return Decoded(text, at or (0,), sources or (0,), pieces[-1].source_end if pieces else 0)


def _decoded(
    source: str, start: int, end: int, pattern: re.Pattern[str], character: Callable[[re.Match[str]], str]
) -> Decoded:
    parts: list[str] = []
    at, sources, length, position = [0], [start], 0, start
    for escape in pattern.finditer(source, start, end):
        parts += [source[position : escape.start()], character(escape)]
        length += escape.start() - position
        position = escape.end()
        at += [length, length + 1]
        sources += [escape.start(), position]
        length += 1
    return Decoded("".join([*parts, source[position:end]]), at, sources, end)


def _json_character(escape: re.Match[str]) -> str:
    high, low, one, short = escape.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    return chr(int(one, 16)) if one else _SHORT.get(short, short)


def _percent_character(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else " "
