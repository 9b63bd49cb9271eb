"""Choices that look random and are a hash: the same in every process, on every Python."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["PATIENCE", "Source"]

T = TypeVar("T")

_SPENT = 1 << 96
"""With fewer bits than this left, a choice would lean to one side."""

PATIENCE = 8


class Source:
    """A stream of choices, named by its place in the value: what stands elsewhere does not change it.

    `attempt` moves every choice that has an alternative to another one, so that asking again gives another value.
    """

    __slots__ = ("_bits", "_digest", "_refills", "attempt", "depth", "patience")

    def __init__(self, digest: bytes, *, attempt: int = 0, depth: int = 0, patience: int = PATIENCE) -> None:
        self._digest = digest
        self._bits = int.from_bytes(digest, "big")
        self._refills = 0
        self.attempt = attempt
        self.depth = depth
        self.patience = patience
        """How many values may be tried for one that fits; fewer within what is itself tried."""

    @classmethod
    def of(cls, key: str, *, attempt: int = 0) -> Source:
        return cls(_hash(b"", key), attempt=attempt)

    def child(self, label: str) -> Source:
        """The choices one level deeper, under `label`."""
        return Source(_hash(self._digest, label), attempt=self.attempt, depth=self.depth + 1, patience=self.patience)

    def beside(self, label: str) -> Source:
        """Other choices at the same level."""
        return Source(_hash(self._digest, label), attempt=self.attempt, depth=self.depth, patience=self.patience)

    def candidates(self) -> Iterator[Source]:
        """Different choices for the same place, one after the other."""
        for number in range(self.patience):
            digest = _hash(self._digest, f"!{number}") if number else self._digest
            yield Source(digest, attempt=self.attempt, depth=self.depth, patience=max(1, self.patience // 4))

    def first_attempt(self, label: str) -> Source:
        """Other choices at the same level, whatever the attempt."""
        return Source(_hash(self._digest, label), depth=self.depth)

    def below(self, count: int) -> int:
        """An integer in [0, count); another one for the next attempt, unless count is 1."""
        if count < 2:
            return 0
        if self._bits < _SPENT * count:
            self._refill(count)
        bits, drawn = divmod(self._bits, count)
        self._bits, stride = divmod(bits, count - 1)
        return (drawn + self.attempt * (stride + 1)) % count

    def between(self, low: int, high: int) -> int:
        """An integer in [low, high]."""
        return low + self.below(high - low + 1)

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def _refill(self, count: int) -> None:
        while self._bits < _SPENT * count * count:
            self._refills += 1
            self._bits = self._bits << 256 | int.from_bytes(_hash(self._digest, f"+{self._refills}"), "big")


def _hash(digest: bytes, label: str) -> bytes:
    return sha256(digest + label.encode("utf-8", "surrogatepass")).digest()
