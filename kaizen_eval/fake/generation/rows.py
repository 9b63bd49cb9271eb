"""Arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from kaizen_eval.fake.generation.nodes import DEEP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaizen_eval.fake.generation.nodes import Node
    from kaizen_eval.fake.generation.source import Source

__all__ = ["Row"]

_TRIES = 40
"""How often an item that stands there already is drawn again."""


@dataclass(frozen=True, slots=True)
class Row:
    """An array: items that have a place of their own, then the rest."""

    first: tuple[Node, ...]
    rest: Node
    fewest: int = 0
    most: float = inf
    unique: bool = False
    contained: tuple[Node, ...] = ()
    """Items that must be somewhere: they take the last places."""

    def make(self, source: Source) -> list[Any]:
        nodes = list(self._nodes(source))
        if not self.unique:
            return [node.make(source.child(str(place))) for place, node in enumerate(nodes)]
        return self._distinct(nodes, source)

    def height(self) -> float:
        needed = [*self.first, self.rest][: self.fewest] + list(self.contained)
        return 1 + max((node.height() for node in needed), default=0)

    def _nodes(self, source: Source) -> Iterator[Node]:
        length = self._length(source)
        own = max(0, length - len(self.contained))
        for place in range(own):
            yield self.first[place] if place < len(self.first) else self.rest
        yield from self.contained

    def _length(self, source: Source) -> int:
        """One to three items, where the bounds let them."""
        fewest = max(self.fewest, len(self.contained))
        if source.depth >= DEEP:
            return fewest
        most = self.most if self.rest.height() < inf else min(self.most, len(self.first))
        usual = max(len(self.first), 3 - source.depth // 2, 1)
        least = max(fewest, len(self.first), 1)
        return int(min(most, source.between(least, max(least, usual, fewest))))

    def _distinct(self, nodes: list[Node], source: Source) -> list[Any]:
        """As many different items as there are; fewer than asked where the draws repeat themselves."""
        items: list[Any] = []
        seen: set[str] = set()
        for place, node in enumerate(nodes):
            for number in range(_TRIES):
                item = node.make(source.child(f"{place} {number}"))
                if (mark := _mark(item)) not in seen:
                    seen.add(mark)
                    items.append(item)
                    break
        return items


def _mark(item: Any) -> str:
    """Equal for items that JSON Schema holds equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    return json.dumps(item, sort_keys=True)
