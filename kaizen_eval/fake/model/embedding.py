"""What the fake embeds a text as: a unit vector, near for near texts, the same on every machine."""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from hashlib import shake_256
from itertools import pairwise
from zlib import crc32

__all__ = ["LARGEST", "Vector", "embed_text", "embed_tokens"]

Vector = tuple[float, ...]

LARGEST = 8192
"""Dimensions."""
_FEATURES = 1024
"""What texts are made of is counted in so many places."""
_TOP = 15
"""The components of a place's own direction lie in [0, _TOP]."""
_HEAVIEST = 4
"""No place counts for more: _FEATURES * _HEAVIEST * _TOP fits a lane of 16 bits."""
_LANE = 2
"""Bytes."""
_WORD = re.compile(rb"[0-9a-z\x80-\xff]+")


def embed_text(text: str, *, model: str, dimensions: int) -> Vector:
    """So many components, each a 32-bit float; fewer of them are the first ones of more, at another length.

    Two texts are as near as they have words, pairs of words, and runs of three letters in common. Capitals and
    punctuation count for little.
    """
    data = text.encode("utf-8", "surrogatepass")
    return _unit(_places(_features_of_text(data), model), dimensions)


def embed_tokens(tokens: Sequence[int], *, model: str, dimensions: int) -> Vector:
    """The same for tokens, which are near as they have tokens and pairs of tokens in common, never near a text."""
    return _unit(_places(_features_of_tokens(tokens), model), dimensions)


def _features_of_text(data: bytes) -> Iterator[bytes]:
    # bytes.lower() knows ASCII alone, as every Python does; what other letters are changes with Unicode's version
    words = _WORD.findall(data.lower())
    yield b"=" + data
    for word in words:
        yield b"w" + word
        padded = b" " + word + b" "
        for start in range(len(padded) - 2):
            yield padded[start : start + 3]
    for first, second in pairwise(words):
        yield b"p" + first + b" " + second


def _features_of_tokens(tokens: Sequence[int]) -> Iterator[bytes]:
    written = [b"%d" % token for token in tokens]
    yield b"#" + b",".join(written)
    for token in written * 2:  # more than the whole, which would else leave nothing of one token where signs differ
        yield b"t" + token
    for first, second in pairwise(written):
        yield b"q" + first + b"," + second


def _places(features: Iterable[bytes], model: str) -> Counter[int]:
    """How often each place is met; a sign of its own keeps features that share one from adding up."""
    salt = crc32(model.encode("utf-8", "surrogatepass"))
    places: Counter[int] = Counter()
    for feature in features:
        mixed = crc32(feature, salt) * 0x9E3779B1 & 0xFFFFFFFF
        places[mixed >> 22] += 1 if mixed & 0x200000 else -1
    return places


def _unit(places: Counter[int], dimensions: int) -> Vector:
    """The directions of all places, added up and brought to length 1."""
    lanes, offset = 0, 0
    everything = _everything(dimensions)
    for place, count in places.items():
        weight = min(_HEAVIEST, count.bit_length())
        direction = _direction(place, dimensions)
        lanes += weight * (direction if count > 0 else everything - direction)
        offset += weight * _TOP
    sums = struct.unpack(f"<{dimensions}H", lanes.to_bytes(dimensions * _LANE, "little"))
    return _at_length_1([2 * component - offset for component in sums])


def _at_length_1(components: Sequence[int]) -> Vector:
    """Nothing but a root and a division, which IEEE 754 rounds the same way everywhere."""
    length = math.sqrt(sum([component * component for component in components]))
    if not length:
        return _at_length_1([1, *components[1:]])
    layout = f"<{len(components)}f"
    return struct.unpack(layout, struct.pack(layout, *[component / length for component in components]))


@lru_cache(maxsize=_FEATURES)
def _direction(place: int, dimensions: int) -> int:
    """A lane for each component; places that are next to each other share theirs, moved by one."""
    return int.from_bytes(_pool()[place * _LANE : (place + dimensions) * _LANE], "little")


@lru_cache(maxsize=16)
def _everything(dimensions: int) -> int:
    return int.from_bytes(_TOP.to_bytes(_LANE, "little") * dimensions, "little")


@cache
def _pool() -> bytes:
    """Components that look random, in [0, _TOP], one after the other in lanes."""
    components = bytearray((_FEATURES + LARGEST) * _LANE)
    components[::_LANE] = bytes(byte & _TOP for byte in shake_256(b"kaizen").digest(_FEATURES + LARGEST))
    return bytes(components)
