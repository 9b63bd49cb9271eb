"""Which nodes are executed whatever happens, and which may be skipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node

__all__ = ["certain_nodes"]


def certain_nodes(nodes: Iterable[Node], into: Mapping[str, tuple[Edge, ...]]) -> frozenset[str]:
    """Those with no condition before them.

    Args:
        nodes: each after all that it needs.
        into: by node id, the edges that lead to it.
    """
    certain: set[str] = set()
    for node in nodes:
        edges = into.get(node.id, ())
        if certain.issuperset(node.needs) and (not edges or any(edge.when is None for edge in edges)):
            certain.add(node.id)
    return frozenset(certain)
