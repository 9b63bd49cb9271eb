"""Spans: which parts of a text go, and what the text is without them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from kaizen_eval.secrets.placeholder import REDACTED

__all__ = ["Span", "bytes_of", "merged", "sizes_without", "text_of", "without"]


class Span(NamedTuple):
    """A part of a text that holds a secret."""

    start: int
    end: int
    kind: str
    put: str = REDACTED
    """What comes instead."""


def text_of(data: bytes) -> str:
    """The bytes as text, from which they can be made again whatever they are."""
    return data.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def merged(spans: Iterable[Span]) -> list[Span]:
    """In order; those that overlap are one."""
    result: list[Span] = []
    for span in sorted(spans):
        if result and span.start < result[-1].end:
            last = result[-1]
            put = last.put if len(last.put) >= len(span.put) else span.put
            result[-1] = Span(last.start, max(last.end, span.end), last.kind, put)
        elif span.start < span.end:
            result.append(span)
    return result


def without(text: str, spans: Sequence[Span]) -> str:
    """The text with what each of these merged spans puts in its place."""
    parts, position = [], 0
    for span in spans:
        parts += [text[position : span.start], span.put]
        position = span.end
    return "".join([*parts, text[position:]])


def sizes_without(text: str, spans: Sequence[Span], sizes: Sequence[int]) -> tuple[int, ...]:
    """The sizes in bytes of as many pieces of the text without the spans.

    A piece that ends within a span ends within what is put there; it may end up empty.
    """
    ends: list[int] = []
    old = new = position = 0
    edges = list(accumulate(sizes))
    for span in (*spans, Span(len(text), len(text), "", "")):
        kept = len(bytes_of(text[position : span.start]))
        gone, put = len(bytes_of(text[span.start : span.end])), len(bytes_of(span.put))
        while len(ends) < len(edges) and edges[len(ends)] < old + kept + gone:
            edge = edges[len(ends)] - old
            ends.append(new + (edge if edge <= kept else kept + (edge - kept) * put // gone))
        old, new, position = old + kept + gone, new + kept + put, span.end
    ends += [new] * (len(edges) - len(ends))
    return tuple(end - start for start, end in zip([0, *ends], ends, strict=False))
