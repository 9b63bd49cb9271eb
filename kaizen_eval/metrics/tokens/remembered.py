"""What was computed of a text, remembered within bounds."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Generic, TypeVar

__all__ = ["Remembered"]

T = TypeVar("T")


class Remembered(Generic[T]):
    """A function of a text that remembers what came out for the texts that were used last.

    Texts of up to `longest` characters are kept themselves, `number` of them, which is never more than `number` times
    `longest` characters; longer ones are told by a digest (32 bytes), `long_number` of them, all forgotten when one
    more comes. Threads may share it: at worst a text is computed twice.
    """

    def __init__(self, compute: Callable[[str], T], *, number: int, longest: int, long_number: int) -> None:
        self._compute, self._longest, self._long_number = compute, longest, long_number
        self._short = lru_cache(number)(compute)
        self._long: dict[bytes, T] = {}

    def __call__(self, text: str) -> T:
        return self._short(text) if len(text) <= self._longest else self._of_long(text)

    def _of_long(self, text: str) -> T:
        if not self._long_number:
            return self._compute(text)
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).digest()
        if (found := self._long.get(digest)) is not None:
            return found
        computed = self._compute(text)
        if len(self._long) >= self._long_number:
            self._long.clear()
        self._long[digest] = computed
        return computed
