"""Byte-pair merging: a word into tokens, the pair of the lowest rank first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush

__all__ = ["NO_RANK", "Rank", "merged"]

Rank = Callable[[bytes], int]
"""A token's rank, or NO_RANK for what is no token."""
NO_RANK = 1 << 30


def merged(word: bytes, rank: Rank) -> list[bytes]:
    """Its tokens; where two pairs have the same rank, the left one goes first.

    Parts are told by where they start. A heap holds the pairs that can be merged, and some that are no more, so that
    a word of 100,000 letters takes ten times what one of 10,000 does.
    """
    size = len(word)
    ends, before = list(range(1, size + 1)), list(range(-1, size - 1))
    ranks = [rank(word[at : at + 2]) for at in range(size - 1)] + [NO_RANK]
    heap = [(lowest, at) for at, lowest in enumerate(ranks) if lowest != NO_RANK]
    heapify(heap)
    while heap:
        lowest, at = heappop(heap)
        if ranks[at] != lowest:
            continue
        gone = ends[at]
        end = ends[at] = ends[gone]
        ranks[gone] = ranks[at] = NO_RANK
        if end < size:
            before[end] = at
            ranks[at] = rank(word[at : ends[end]])
        if at:
            ranks[before[at]] = rank(word[before[at] : end])
        for start in (at, before[at]):
            if start >= 0 and ranks[start] != NO_RANK:
                heappush(heap, (ranks[start], start))
    return _cut(word, ends)


def _cut(word: bytes, ends: Sequence[int]) -> list[bytes]:
    parts, start = [], 0
    while start < len(word):
        parts.append(word[start : ends[start]])
        start = ends[start]
    return parts
