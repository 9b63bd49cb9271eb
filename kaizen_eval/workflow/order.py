"""The order of nodes, or the circles in which there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["ordered"]

_MOST = 10
"""Circles that are told at once."""


def ordered(needs: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Each after all that it needs; and where there is no such order, the circles in the way.

    A circle is a path that ends where it begins, each node needed by the next. No two share a node; there may be more.
    """
    from graphlib import CycleError, TopologicalSorter  # noqa: PLC0415 - loaded when something is built

    circles: list[list[str]] = []
    left = needs
    while len(circles) < _MOST:
        try:
            order = list(TopologicalSorter(left).static_order())
        except CycleError as error:
            circles.append(error.args[1])
            left = _without(left, set(error.args[1]))
        else:
            return ([] if circles else order), circles
    return [], circles


def _without(needs: Mapping[str, Sequence[str]], gone: set[str]) -> dict[str, Sequence[str]]:
    return {node: [need for need in needed if need not in gone] for node, needed in needs.items() if node not in gone}
