"""Which elements of one list stand for which of another, where some may have been put in, taken out or changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kaizen_eval.recording.comparison.showing import common_end, common_start

__all__ = ["Pair", "aligned", "likeness"]

Pair = tuple[int | None, int | None]
"""Places in both lists; None where the other's element has no counterpart."""

_MOST_SOUGHT = 40_000
_MOST_WEIGHED = 150
"""Pairs of elements that are looked at; in longer lists, the same place is the counterpart."""
_ALIKE = 0.4
"""Of 1: what is less alike is not the same element changed, but another."""


def aligned(one: Sequence[Any], other: Sequence[Any], texts: tuple[Sequence[str], Sequence[str]]) -> Iterator[Pair]:
    """Pairs in the order of both.

    Args:
        one: a list.
        other: another.
        texts: of the elements of each; equal elements have equal texts.
    """
    first, second = texts
    for tag, i, i_end, j, j_end in _blocks(first, second):
        if tag == "replace" and i_end - i != j_end - j and (i_end - i) * (j_end - j) <= _MOST_WEIGHED:
            yield from _weighed(one[i:i_end], other[j:j_end], i, j)
        else:
            yield from _by_place(range(i, i_end), range(j, j_end))


def likeness(one: Any, other: Any) -> float:
    """From 0, nothing in common, to 1, the same."""
    if type(one) is not type(other):
        return 0.0
    if isinstance(one, str):
        return _text_likeness(one, other)
    if isinstance(one, dict):
        names = one.keys() | other.keys()
        common = sum(likeness(one[name], other[name]) for name in one.keys() & other.keys())
        return common / len(names) if names else 1.0
    if isinstance(one, list) and (one or other):
        return sum(map(likeness, one, other)) / max(len(one), len(other))
    return 1.0 if one == other else 0.0


def _text_likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    longest = max(len(one), len(other))
    return min(common_start(one, other) + common_end(one, other), longest - 1) / longest


def _blocks(first: Sequence[str], second: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Stretches that are equal, or that are not."""
    start = _equal_start(first, second)
    end = _equal_start(first[start:][::-1], second[start:][::-1])
    i_end, j_end = len(first) - end, len(second) - end
    between = [("replace", start, i_end, start, j_end)]
    if start < i_end and start < j_end and (i_end - start) * (j_end - start) <= _MOST_SOUGHT:
        between = _sought(first[start:i_end], second[start:j_end], start)
    return [("equal", 0, start, 0, start), *between, ("equal", i_end, len(first), j_end, len(second))]


def _sought(first: Sequence[str], second: Sequence[str], start: int) -> list[tuple[str, int, int, int, int]]:
    from difflib import SequenceMatcher  # noqa: PLC0415 - most requests are found, and never compared

    codes = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    return [(tag, i + start, i_end + start, j + start, j_end + start) for tag, i, i_end, j, j_end in codes]


def _equal_start(first: Sequence[str], second: Sequence[str]) -> int:
    shortest = min(len(first), len(second))
    return next((place for place in range(shortest) if first[place] != second[place]), shortest)


def _by_place(first: range, second: range) -> Iterator[Pair]:
    both = min(len(first), len(second))
    yield from zip(first, second, strict=False)
    yield from ((place, None) for place in first[both:])
    yield from ((None, place) for place in second[both:])


def _weighed(one: Sequence[Any], other: Sequence[Any], i: int, j: int) -> Iterator[Pair]:
    """The pairs that are most alike, in order: those of the highest sum."""
    gains = [[likeness(a, b) - _ALIKE for b in other] for a in one]
    best = _best_sums(gains, len(one), len(other))
    a = b = 0
    while a < len(one) and b < len(other):
        if gains[a][b] > 0 and best[a][b] == gains[a][b] + best[a + 1][b + 1]:
            yield i + a, j + b
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            yield i + a, None
            a += 1
        else:
            yield None, j + b
            b += 1
    yield from _by_place(range(i + a, i + len(one)), range(0))
    yield from _by_place(range(0), range(j + b, j + len(other)))


def _best_sums(gains: list[list[float]], rows: int, columns: int) -> list[list[float]]:
    """The highest sum that is still to be had from each pair of places on."""
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for a in reversed(range(rows)):
        for b in reversed(range(columns)):
            best[a][b] = max(best[a + 1][b], best[a][b + 1], gains[a][b] + best[a + 1][b + 1])
    return best
