"""The work of an encoding by tiktoken's Rust code, over tables that are at hand: nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from kaizen_eval.metrics.tokens.families import EncodingName

__all__ = ["RustCore"]

_UPPER, _LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"
_SHORT_FORM = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_PATTERNS: Mapping[EncodingName, str] = {
    "o200k_base": (
        rf"[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]*[{_LOWER}]+{_SHORT_FORM}"
        rf"|[^\r\n\p{{L}}\p{{N}}]?[{_UPPER}]+[{_LOWER}]*{_SHORT_FORM}"
        r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "cl100k_base": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++"
        r"|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
    ),
}
"""As tiktoken 0.14 has them."""


class RustCore:
    """The tokens by tiktoken, which is told the table instead of fetching it."""

    def __init__(self, name: EncodingName, tokens: Iterable[bytes]) -> None:
        """The tokens by rank, the lowest first.

        Raises:
            ModuleNotFoundError: `tiktoken` is not there.
        """
        make = import_module("tiktoken").Encoding
        ranks = {token: rank for rank, token in enumerate(tokens)}
        self._encoding = make(name, pat_str=_PATTERNS[name], mergeable_ranks=ranks, special_tokens={})

    def count(self, text: str) -> int:
        return len(self._encoding.encode_ordinary(text))

    def split(self, text: str) -> tuple[bytes, ...]:
        return tuple(self._encoding.decode_tokens_bytes(self._encoding.encode_ordinary(text)))
