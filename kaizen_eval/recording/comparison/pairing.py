"""Which exchanges of two recordings of the same test belong together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from kaizen_eval.recording.exchange import Exchange

__all__ = ["Pair", "aligned"]


class Pair(NamedTuple):
    """An exchange and what became of it; one of both may be missing, never both."""

    before: Exchange | None
    after: Exchange | None


def aligned(before: Sequence[Exchange], after: Sequence[Exchange]) -> tuple[Pair, ...]:
    """All exchanges of both, each once, lane by lane and in the order sent.

    Equal requests go together; between them those go together that came at the same place for the same path.
    """
    lanes = dict.fromkeys(exchange.lane for exchange in (*before, *after))
    return tuple(pair for lane in lanes for pair in _in_lane(_of(lane, before), _of(lane, after)))


def _of(lane: str, exchanges: Sequence[Exchange]) -> list[Exchange]:
    return sorted((one for one in exchanges if one.lane == lane), key=lambda one: one.slot)


def _in_lane(before: list[Exchange], after: list[Exchange]) -> Iterator[Pair]:
    keys = [one.key for one in before], [one.key for one in after]
    for what, start, end, other, other_end in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if what == "equal":
            yield from map(Pair, before[start:end], after[other:other_end])
        else:
            yield from _changed(before[start:end], after[other:other_end])


def _changed(before: list[Exchange], after: list[Exchange]) -> Iterator[Pair]:
    paths = [one.request.path for one in before], [one.request.path for one in after]
    for what, start, end, other, other_end in SequenceMatcher(None, *paths, autojunk=False).get_opcodes():
        if what == "equal":
            yield from map(Pair, before[start:end], after[other:other_end])
        else:
            yield from (Pair(left, None) for left in before[start:end])
            yield from (Pair(None, right) for right in after[other:other_end])
