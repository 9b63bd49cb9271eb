"""What most say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Vote", "vote"]


class Vote(NamedTuple):
    """How a vote ended."""

    winner: int
    """The place of the first ballot among those for the winning answer."""
    votes: int
    """How many are for it."""
    ballots: int
    leaders: tuple[str, ...]
    """The answers that as many are for, the earliest first."""

    @property
    def is_tie(self) -> bool:
        return len(self.leaders) > 1


def vote(ballots: Sequence[str]) -> Vote:
    """The answer with most ballots; of several, the one that was given first. There is at least one ballot."""
    counts = Counter(ballots)
    most = max(counts.values())
    leaders = tuple(answer for answer, count in counts.items() if count == most)
    return Vote(ballots.index(leaders[0]), most, len(ballots), leaders)
