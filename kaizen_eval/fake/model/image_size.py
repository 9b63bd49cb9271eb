"""Reads how large an image is from the beginning of its data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Size", "image_size"]

_NO_FRAME = frozenset({0xC4, 0xC8, 0xCC})
"""JPEG markers that look like a frame's and are none."""


class Size(NamedTuple):
    """In pixels."""

    width: int
    height: int


def image_size(data: bytes) -> Size | None:
    """Of a PNG, JPEG, GIF or WebP; None where the data is none of them, or ends before it says."""
    found = None
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        found = Size(_big(data[16:20]), _big(data[20:24]))
    elif data.startswith((b"GIF87a", b"GIF89a")):
        found = Size(_little(data[6:8]), _little(data[8:10]))
    elif data.startswith(b"\xff\xd8"):
        found = _jpeg(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        found = _webp(data)
    return found if found and all(found) else None


def _jpeg(data: bytes) -> Size | None:
    for marker, start in _segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            return Size(_big(data[start + 5 : start + 7]), _big(data[start + 3 : start + 5]))
    return None


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Markers, each with the place of its length."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        yield data[place + 1], place + 2
        place += 2 + max(2, _big(data[place + 2 : place + 4]))


def _webp(data: bytes) -> Size | None:
    match data[12:16]:
        case b"VP8X":
            return Size(_little(data[24:27]) + 1, _little(data[27:30]) + 1)
        case b"VP8L":
            bits = _little(data[21:25])
            return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8 ":
            return Size(_little(data[26:28]) & 0x3FFF, _little(data[28:30]) & 0x3FFF)
    return None


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
