"""Which recorded requests are likest to one that was not found, without looking at each of thousands closely."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from kaizen_eval.recording.comparison.alignment import likeness
from kaizen_eval.recording.comparison.conversing import turns_of
from kaizen_eval.recording.comparison.difference import Difference, reduced_differences
from kaizen_eval.recording.exchange import Exchange, RecordedRequest
from kaizen_eval.recording.lookup.reduction import Reduced, reduced

__all__ = ["Likest", "likest"]

_WORD = re.compile(r"[A-Za-z0-9]{4,}")
_SOUGHT = 5
"""Words that are looked for in all bodies."""
_CLOSE = 7
"""Requests that are looked at closely."""


class Likest(NamedTuple):
    """Recorded requests that are one and the same, and what tells them from the one asked."""

    exchanges: tuple[Exchange, ...]
    reduced: Reduced
    differences: tuple[Difference, ...]


def likest(
    asked: RecordedRequest,
    exchanges: Sequence[Exchange],
    *,
    used: Collection[tuple[str, int]],
    ignore: Sequence[str],
    most: int,
) -> tuple[Likest, ...]:
    """The likest first; of those that are as like, those that are not used up.

    Args:
        asked: what was not found.
        exchanges: all that are recorded.
        used: lanes and slots of those that were given out.
        ignore: as the key was made with.
        most: how many at most.
    """
    this = reduced(asked, ignore)
    groups = _groups(exchanges)
    rough = sorted(groups, key=_roughly(asked, this, used))[:_CLOSE]
    close = [_compared(this, group, ignore) for group in rough]
    return tuple(sorted(close, key=lambda one: _distance(this, one, used))[:most])


def _groups(exchanges: Iterable[Exchange]) -> list[tuple[Exchange, ...]]:
    found: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        found.setdefault(exchange.key, []).append(exchange)
    return [tuple(group) for group in found.values()]


def _roughly(asked: RecordedRequest, this: Reduced, used: Collection[tuple[str, int]]) -> Any:
    words = list(_words(this.value))
    both = words, [word.encode() for word in words]
    place = _expected(used)

    def order(group: tuple[Exchange, ...]) -> tuple[object, ...]:
        request = group[0].request
        is_elsewhere = (request.path != asked.path, request.method != asked.method)
        held = 0 if is_elsewhere[0] else _held(request.body.glimpse, both)
        return *is_elsewhere, -held, _is_used(group, used), abs(group[0].slot - place)

    return order


def _expected(used: Collection[tuple[str, int]]) -> int:
    """The slot behind the last that was given out."""
    return max((slot for _, slot in used), default=0) + 1


def _held(body: bytes | str, both: tuple[list[str], list[bytes]]) -> int:
    if isinstance(body, str):
        return sum([word in body for word in both[0]])
    return sum([word in body for word in both[1]])


def _words(value: Any) -> Iterator[str]:
    """The longest words of what was said last; then of what was said before, where those are too few."""
    found: set[str] = set()
    for texts in _from_the_last(value):
        for word in sorted(set(_WORD.findall(texts)) - found, key=lambda word: (-len(word), word)):
            if len(found) == _SOUGHT:
                return
            found.add(word)
            yield word


def _from_the_last(value: Any) -> Iterator[str]:
    turns = turns_of(value)
    for turn in reversed(turns):
        yield " ".join(_texts(turn))
    if not turns:
        yield " ".join(_texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _compared(this: Reduced, group: tuple[Exchange, ...], ignore: Sequence[str]) -> Likest:
    recorded = reduced(group[0].request, ignore)
    return Likest(group, recorded, reduced_differences(recorded, this))


def _distance(this: Reduced, one: Likest, used: Collection[tuple[str, int]]) -> tuple[object, ...]:
    other = one.reduced
    is_elsewhere = other.path != this.path, other.method != this.method
    unlike = 1 - likeness(other.value, this.value)
    return *is_elsewhere, len(one.differences) + unlike + _is_used(one.exchanges, used) / 2, one.exchanges[0].slot


def _is_used(group: Iterable[Exchange], used: Collection[tuple[str, int]]) -> bool:
    return all((exchange.lane, exchange.slot) in used for exchange in group)
