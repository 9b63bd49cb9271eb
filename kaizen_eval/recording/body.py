"""Body: the bytes of a request or a response, which a file may hold in another form until somebody looks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

__all__ = ["EMPTY", "Body", "digest_of"]

_LENGTH = 32
"""Hexadecimal digits: 128 bits, so that no two bodies ever share them."""


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_LENGTH]


class Body:
    """Bytes, known by their digest: two bodies are equal when their digests are."""

    __slots__ = ("_data", "_digest", "_make", "_text")

    def __init__(self, data: bytes) -> None:
        self._data: bytes | None = data
        self._digest: str | None = None
        self._make: Callable[[], bytes] | None = None
        self._text = ""

    @classmethod
    def later(cls, digest: str, make: Callable[[], bytes], *, text: str = "") -> Body:
        """One that is made when its bytes are first asked for.

        Args:
            digest: of the bytes that will be made.
            make: raises CassetteCorrupt where they are not those.
            text: what a file holds in their place, with the same words; empty where it has none.
        """
        body = cls(b"")
        body._data, body._digest, body._make, body._text = None, digest, make, text
        return body

    @property
    def data(self) -> bytes:
        if self._data is None:
            assert self._make is not None  # noqa: S101 - one of both is always there
            self._data = self._make()
            self._make = None
        return self._data

    @property
    def glimpse(self) -> bytes | str:
        """Its bytes, or what can be had for less and has the same words: for those who look through many."""
        return self._text if self._data is None and self._text else self.data

    @property
    def digest(self) -> str:
        if self._digest is None:
            self._digest = digest_of(self.data)
        return self._digest

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Body) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"Body({self.digest})" if self._data is None else f"Body({self._data!r})"


EMPTY = Body(b"")
