"""Arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generation.merge import merged
from kaizen_eval.fake.generation.nodes import DEEP, Never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kaizen_eval.fake.generation.merge import Schema
    from kaizen_eval.fake.generation.nodes import Node
    from kaizen_eval.fake.generation.source import Source

__all__ = ["Row", "mark", "row"]

_TRIES = 40
"""How often an item that stands there already is drawn again."""


@dataclass(frozen=True, slots=True)
class Row:
    """An array: items that have a place of their own, then the rest."""

    path: str
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
        if source.depth >= DEEP:
            return self.fewest
        most = min(self.most, self._possible())
        least = max(self.fewest, len(self.first), 1)
        usual = max(least, 3 - source.depth // 2)
        return int(max(self.fewest, min(most, source.between(least, usual))))

    def _possible(self) -> float:
        """How many items there can be before the first place for which no value fits."""
        nodes = (*self.first, self.rest)
        return next((place for place, node in enumerate(nodes) if node.height() == inf), inf)

    def _distinct(self, nodes: list[Node], source: Source) -> list[Any]:
        """Different items: no more of them than the draws bring."""
        items: list[Any] = []
        seen: set[str] = set()
        for place, node in enumerate(nodes):
            for number in range(_TRIES):
                item = node.make(source.child(f"{place} {number}"))
                if (its_mark := mark(item)) not in seen:
                    seen.add(its_mark)
                    items.append(item)
                    break
        if len(items) < self.fewest:
            raise ScriptError(
                f"too few different items were found for the array at {self.path}: {len(items)} of {self.fewest}"
            )
        return items


def row(schema: dict[str, Any], path: str, name: str, node: Callable[[Schema, str, str], Node]) -> Node:
    """The node for a schema of arrays; `node` compiles the schemas of their items."""
    items = schema.get("items", schema.get("unevaluatedItems", True))
    first = [
        node(item, f"{path}/prefixItems/{place}", name) for place, item in enumerate(schema.get("prefixItems", ()))
    ]
    contained: tuple[Node, ...] = ()
    if "contains" in schema:
        wanted = node(merged(items, schema["contains"]), f"{path}/contains", name)
        contained = (wanted,) * int(schema.get("minContains", 1))
    made = Row(
        path,
        tuple(first),
        node(items, f"{path}/items", name),
        fewest=int(schema.get("minItems", 0)),
        most=schema.get("maxItems", inf),
        unique=schema.get("uniqueItems", False),
        contained=contained,
    )
    return made if made.fewest <= made.most else Never(path)


def mark(item: Any) -> str:
    """Equal for items that JSON Schema holds equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    return json.dumps(item, sort_keys=True)
