"""The choices of a node, made by hypothesis, so that it can shrink them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.fake.generation.source import Source

__all__ = ["Drawn", "hashed", "seeded"]

_MOST = 400
"""So many choices are hypothesis's; what takes more is looking for something rare, which shrinking cannot help."""


class Drawn(Source):
    """In each place the next choice, whatever its label; the first option is the simplest."""

    __slots__ = ("_choices",)

    def __init__(self, choices: _Choices, *, depth: int) -> None:
        super().__init__(b"", depth=depth)
        self._choices = choices

    @classmethod
    def by(cls, draw: DrawFn, *, depth: int) -> Drawn:
        return cls(_Choices(draw), depth=depth)

    def child(self, label: str) -> Drawn:  # noqa: ARG002 - what stands elsewhere may change when a choice is left out
        return Drawn(self._choices, depth=self.depth + 1)

    def beside(self, label: str) -> Drawn:  # noqa: ARG002 - as for child
        return self

    def first_attempt(self, label: str) -> Drawn:  # noqa: ARG002 - as for child
        return self

    def candidates(self) -> Iterator[Drawn]:
        for _ in range(self.patience):
            yield self

    def below(self, count: int) -> int:
        return self._choices.below(count)


class _Choices:
    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw
        self._made = 0
        self._rest: Source | None = None

    def below(self, count: int) -> int:
        if count < 2:
            return 0
        if self._rest is not None:
            return self._rest.below(count)
        if self._made == _MOST:
            self._rest = hashed(self._draw)
        self._made += 1
        return self._draw(_below(count))


def hashed(draw: DrawFn) -> Source:
    """All choices as a hash of one number: for values that are hard to find, and need not shrink."""
    return Source.of(str(draw(_keys)))


def seeded(make: Callable[[Source], Any]) -> SearchStrategy[Any]:
    """What is too large to be drawn choice by choice."""
    return _keys.map(lambda key: make(Source.of(str(key))))


_keys = st.integers(0, 2**16)


@lru_cache(maxsize=256)
def _below(count: int) -> SearchStrategy[int]:
    return st.integers(0, count - 1)
