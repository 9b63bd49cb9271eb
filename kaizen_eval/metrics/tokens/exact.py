"""A model's own encoding, exact, and quick for texts that were seen before."""

from __future__ import annotations

import re
from typing import Protocol

from kaizen_eval.metrics.tokens.families import EncodingName
from kaizen_eval.metrics.tokens.remembered import Remembered, RememberedByDigest

__all__ = ["Core", "Exact"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
"""As long in UTF-8 as what it stands for: three bytes."""


class Core(Protocol):
    """What does the work of an encoding, for texts that UTF-8 can hold."""

    def count(self, text: str) -> int: ...

    def split(self, text: str) -> tuple[bytes, ...]: ...


class Exact:
    """The tokens of a model's own encoding; a lone surrogate counts as U+FFFD does, and is what it was in a split.

    Remembered are the counts of 2,048 texts of up to 1,024 characters (2 million characters at most) and, by digest,
    of 4,096 longer ones; the tokens of 64 texts of up to 4,096 characters, and of 8 texts of up to 65,536.
    """

    is_exact = True

    def __init__(self, name: EncodingName, core: Core) -> None:
        self.name = name
        self._core = core
        self.count = Remembered(
            self._count, number=2048, longest=1024, longer=RememberedByDigest(self._count, number=4096)
        )
        long_splits = Remembered(self._split, number=8, longest=65_536, longer=self._split)
        self.split = Remembered(self._split, number=64, longest=4096, longer=long_splits)

    def _count(self, text: str) -> int:
        return self._core.count(_whole(text))

    def _split(self, text: str) -> tuple[bytes, ...]:
        whole = _whole(text)
        tokens = self._core.split(whole)
        return tokens if whole == text else _cut_alike(text.encode("utf-8", "surrogatepass"), tokens)


def _whole(text: str) -> str:
    return text if text.isascii() else _SURROGATE.sub(_REPLACEMENT, text)


def _cut_alike(data: bytes, tokens: tuple[bytes, ...]) -> tuple[bytes, ...]:
    parts, start = [], 0
    for token in tokens:
        parts.append(data[start : start + len(token)])
        start += len(token)
    return tuple(parts)
