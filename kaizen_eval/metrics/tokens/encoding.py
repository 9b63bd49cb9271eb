"""Encoding: how the texts of a model fall into tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

__all__ = ["Encoding", "pieces"]


class Encoding(Protocol):
    """How a model's texts fall into tokens; special tokens in a text, such as `<|endoftext|>`, are text like any."""

    @property
    def name(self) -> str: ...

    @property
    def is_exact(self) -> bool:
        """Whether it is the model's own; otherwise all counts are estimates."""
        ...

    def count(self, text: str) -> int:
        """How many tokens `split` gives."""
        ...

    def split(self, text: str) -> tuple[bytes, ...]:
        """The tokens; joined, they are the text in UTF-8. One may end in the middle of a character."""
        ...


def pieces(tokens: Iterable[bytes]) -> tuple[str, ...]:
    """The tokens as texts that can be shown one after the other; what is half a character waits for its rest."""
    texts, waiting = [], b""
    for token in tokens:
        waiting += token
        try:
            texts.append(waiting.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:
            continue
        waiting = b""
    return tuple(texts)
