"""The work of an encoding in Python: words by pattern, tokens by merging."""

from __future__ import annotations

from itertools import chain

from kaizen_eval.metrics.tokens.families import EncodingName
from kaizen_eval.metrics.tokens.merging import NO_RANK, Rank, merged
from kaizen_eval.metrics.tokens.splitting import words

__all__ = ["PythonCore"]

_WORDS = 8192
_LONGEST_WORD = 32
"""Characters; with `_WORDS`, the bound of what is remembered: about 3 MB."""


class PythonCore:
    """The tokens by an encoding's pattern and ranks."""

    def __init__(self, name: EncodingName, rank: Rank) -> None:
        self._name = name
        self._tokens_of = _Words(rank).__getitem__

    def count(self, text: str) -> int:
        return sum(map(len, map(self._tokens_of, words(text, self._name))))

    def split(self, text: str) -> tuple[bytes, ...]:
        return tuple(chain.from_iterable(map(self._tokens_of, words(text, self._name))))


class _Words(dict[str, tuple[bytes, ...]]):
    """Tokens by word: texts repeat their words. All are forgotten when it is full."""

    def __init__(self, rank: Rank) -> None:
        super().__init__()
        self._rank = rank

    def __missing__(self, word: str) -> tuple[bytes, ...]:
        data = word.encode()
        tokens = (data,) if self._rank(data) != NO_RANK else tuple(merged(data, self._rank))
        if len(word) <= _LONGEST_WORD:
            if len(self) >= _WORDS:
                self.clear()
            self[word] = tokens
        return tokens
