"""What was computed of a text, remembered within bounds."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Generic, TypeVar

__all__ = ["Remembered", "RememberedByDigest"]

T = TypeVar("T")


class Remembered(Generic[T]):
    """A function of a text that remembers what came out for the texts that were used last.

    It keeps `number` texts of up to `longest` characters, never more than `number` times `longest` characters; longer
    ones it leaves to `longer`. Threads may share it: at worst a text is computed twice.
    """

    def __init__(self, compute: Callable[[str], T], *, number: int, longest: int, longer: Callable[[str], T]) -> None:
        self._longest, self._longer = longest, longer
        self._remembered = lru_cache(number)(compute)

    def __call__(self, text: str) -> T:
        return self._remembered(text) if len(text) <= self._longest else self._longer(text)


class RememberedByDigest(Generic[T]):
    """The same for long texts, of which it keeps a digest (32 bytes) alone; when it is full, all are forgotten."""

    def __init__(self, compute: Callable[[str], T], *, number: int) -> None:
        self._compute, self._number = compute, number
        self._remembered: dict[bytes, T] = {}

    def __call__(self, text: str) -> T:
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).digest()
        if (found := self._remembered.get(digest)) is not None:
            return found
        computed = self._compute(text)
        if len(self._remembered) >= self._number:
            self._remembered.clear()
        self._remembered[digest] = computed
        return computed
