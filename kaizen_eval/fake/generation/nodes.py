"""What a compiled schema is made of: each node makes values of one kind."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from kaizen_eval.errors import ScriptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaizen_eval.fake.generation.source import Source

__all__ = ["DEEP", "Anything", "Checked", "Choice", "Fixed", "Never", "Node", "Reference", "one_of"]

DEEP = 5
"""From this depth on, values end as soon as the schema lets them."""


class Node(Protocol):
    """Makes values that fit one schema."""

    def make(self, source: Source) -> Any: ...

    def height(self) -> float:
        """Levels below this one that no value can do without; infinite where no value ends."""
        ...


@dataclass(frozen=True, slots=True)
class Anything:
    """Where the schema asks for nothing: some text."""

    spoken: Callable[[Source], str]

    def make(self, source: Source) -> str:
        return self.spoken(source)

    def height(self) -> float:
        return 0


@dataclass(frozen=True, slots=True)
class Never:
    """Where no value fits."""

    path: str

    def make(self, source: Source) -> Any:  # noqa: ARG002 - a node takes a source
        raise ScriptError(f"no value fits the schema at {self.path}")

    def height(self) -> float:
        return inf


@dataclass(frozen=True, slots=True)
class Fixed:
    """One of the values that the schema lists."""

    values: tuple[Any, ...]

    def make(self, source: Source) -> Any:
        value = source.pick(self.values)
        return deepcopy(value) if isinstance(value, dict | list) else value

    def height(self) -> float:
        return 0


@dataclass(slots=True)
class Reference:
    """A node that may stand inside itself; its target is known when the whole schema is compiled."""

    target: Node
    path: str
    known_height: float = inf

    def make(self, source: Source) -> Any:
        if self.known_height == inf:
            raise ScriptError(f"no value fits the schema at {self.path}: it would have to hold itself without end")
        return self.target.make(source)

    def height(self) -> float:
        return self.known_height


@dataclass(slots=True)
class Choice:
    """One of several nodes."""

    branches: tuple[Node, ...]
    path: str
    _possible: tuple[Node, ...] = ()

    def make(self, source: Source) -> Any:
        possible = self.possible()
        return (possible[0] if source.depth >= DEEP else source.pick(possible)).make(source.beside("|"))

    def height(self) -> float:
        return min((branch.height() for branch in self.branches), default=inf)

    def possible(self) -> tuple[Node, ...]:
        """Those that can end, the one that ends soonest first."""
        return self._possible or self._find_possible()

    def _find_possible(self) -> tuple[Node, ...]:
        ending = [branch for branch in self.branches if branch.height() < inf]
        self._possible = tuple(sorted(ending, key=lambda branch: branch.height())) or (Never(self.path),)
        return self._possible


def one_of(nodes: Iterable[Node], path: str) -> Node:
    branches = tuple(nodes)
    return branches[0] if len(branches) == 1 else Choice(branches, path)


@dataclass(frozen=True, slots=True)
class Checked:
    """Values of a node that fit what no node can hold by construction, such as `not`."""

    node: Node
    fits: Callable[[Any], bool]
    path: str

    def make(self, source: Source) -> Any:
        for candidate in source.candidates():
            with suppress(ScriptError):  # this draw led to where nothing fits
                value = self.node.make(candidate)
                if self.fits(value):
                    return value
        raise ScriptError(f"no value was found that fits the schema at {self.path}")

    def height(self) -> float:
        return self.node.height()
