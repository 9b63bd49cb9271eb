"""The order of nodes, or the circles in which there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphlib import TopologicalSorter

__all__ = ["ordered"]

_MOST = 10
"""Circles that are told at once."""


def ordered(needs: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Each after all that it needs, otherwise as they come; and where there is no such order, the circles in the way.

    A circle is a path that ends where it begins, each node needed by the next. No two share a node; there may be more.
    """
    from graphlib import CycleError, TopologicalSorter  # noqa: PLC0415 - loaded when something is built

    circles: list[list[str]] = []
    left = needs
    while len(circles) < _MOST:
        sorter = TopologicalSorter(left)
        try:
            sorter.prepare()
        except CycleError as error:
            circles.append(error.args[1])
            left = _without(left, set(error.args[1]))
        else:
            return ([] if circles else _first_come(sorter, list(needs))), circles
    return [], circles


def _first_come(sorter: TopologicalSorter[str], names: Sequence[str]) -> list[str]:
    places = {name: place for place, name in enumerate(names)}
    order, ready = [], [places[name] for name in sorter.get_ready()]
    heapify(ready)
    while ready:
        name = names[heappop(ready)]
        order.append(name)
        sorter.done(name)
        for after in sorter.get_ready():
            heappush(ready, places[after])
    return order


def _without(needs: Mapping[str, Sequence[str]], gone: set[str]) -> dict[str, Sequence[str]]:
    return {node: [need for need in needed if need not in gone] for node, needed in needs.items() if node not in gone}
