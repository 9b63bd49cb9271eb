"""Arrays that hypothesis draws: item by item, so that they shrink to the fewest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.fake.generation.nodes import DEEP, Node
from kaizen_eval.fake.generation.rows import Row, mark
from kaizen_eval.generators.making.drawn import seeded

__all__ = ["Of", "room", "rows"]

_MANY = 60
"""More items than these are not drawn one by one."""

Of = Callable[[Node, int], SearchStrategy[Any]]


def rows(node: Row, depth: int, of: Of) -> SearchStrategy[list[Any]]:
    """The fewest items are the simplest."""
    if node.fewest > _MANY:
        return seeded(node.make)
    made = st.one_of([*_cut(node, depth, of), _whole(node, depth, of)])
    if node.unique and (node.first or node.contained):
        return made.filter(_all_differ)
    return made


def _cut(node: Row, depth: int, of: Of) -> Iterator[SearchStrategy[list[Any]]]:
    """Of the items that have a place of their own the first ones; those that must be in it are the last."""
    if node.contained:
        return
    for length in range(node.fewest, len(node.first)):
        items = node.first[:length]
        if length <= node.most and all(item.height() < inf for item in items):
            yield st.tuples(*(of(item, depth + 1) for item in items)).map(list)


def _whole(node: Row, depth: int, of: Of) -> SearchStrategy[list[Any]]:
    places = min(len(node.first), int(min(node.most - len(node.contained), len(node.first))))
    if any(item.height() == inf for item in node.first[:places]):
        return st.nothing()
    taken = places + len(node.contained)
    rest = _rest(node, depth, of, taken)
    if not taken:
        return rest
    first = st.tuples(*(of(item, depth + 1) for item in node.first[:places]))
    last = st.tuples(*(of(item, depth + 1) for item in node.contained))
    return st.tuples(first, rest, last).map(lambda parts: [*parts[0], *parts[1], *parts[2]])


def _rest(node: Row, depth: int, of: Of, taken: int) -> SearchStrategy[list[Any]]:
    fewest = max(0, node.fewest - taken)
    most = min(node.most - taken, fewest + room(depth))
    if most <= 0 or node.rest.height() == inf:
        return st.nothing() if fewest else st.builds(list)
    return st.lists(
        of(node.rest, depth + 1), min_size=fewest, max_size=int(most), unique_by=mark if node.unique else None
    )


def room(depth: int) -> int:
    """How many items more than it takes: deep inside fewer, or values that hold themselves would grow without end."""
    return 0 if depth >= DEEP else 10 >> max(0, depth - 1)


def _all_differ(items: list[Any]) -> bool:
    return len({mark(item) for item in items}) == len(items)
