"""Unpacking: a body as its `content-encoding` says, part by part."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

__all__ = ["Unpacking", "is_encoded"]


def is_encoded(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether its reader has something to decode, which may fail."""
    return any(name.lower() == "content-encoding" for name, _ in headers)


class Unpacking:
    """What was cut off the end of a packed body is not missed, as httpx does not."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        is_packed = any(name.lower() == "content-encoding" and value == "gzip" for name, value in headers)
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if is_packed else None

    def __call__(self, part: bytes) -> bytes:
        """What is in the next part.

        Raises:
            zlib.error: it cannot be unpacked.
        """
        return part if self._gzip is None else self._gzip.decompress(part)
