"""Choices that look random and are a hash: the same in every process, on every Python."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Source"]

T = TypeVar("T")

_SPENT = 1 << 96
"""With fewer bits than this left, a choice would lean to one side."""


class Source:
    """A stream of choices, named by its place in the value: what stands elsewhere does not change it.

    `attempt` moves every choice that has an alternative to another one, so that asking again gives another value.
    """

    __slots__ = ("_bits", "_digest", "_refills", "attempt", "depth")

    def __init__(self, digest: bytes, *, attempt: int = 0, depth: int = 0) -> None:
        self._digest = digest
        self._bits = int.from_bytes(digest, "big")
        self._refills = 0
        self.attempt = attempt
        self.depth = depth

    @classmethod
    def of(cls, key: str, *, attempt: int = 0) -> Source:
        return cls(_hash(b"", key), attempt=attempt)

    def child(self, label: str) -> Source:
        """The choices one level deeper, under `label`."""
        return Source(_hash(self._digest, label), attempt=self.attempt, depth=self.depth + 1)

    def beside(self, label: str) -> Source:
        """Other choices at the same level."""
        return Source(_hash(self._digest, label), attempt=self.attempt, depth=self.depth)

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
