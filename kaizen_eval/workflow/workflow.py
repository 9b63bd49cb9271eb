"""Workflow: nodes and edges that can work together, as they stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node

__all__ = ["Workflow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """What `WorkflowBuilder.build()` returns; it can be executed any number of times, also at once."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    """By id, each after all that it needs."""
    edges: tuple[Edge, ...] = ()
    """Those of `connect`, in its order; what templates need is in `Node.needs`."""
    name: str = "workflow"
    _into: Mapping[str, tuple[Edge, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        into: dict[str, tuple[Edge, ...]] = {}
        for edge in self.edges:
            into[edge.target] = (*into.get(edge.target, ()), edge)
        object.__setattr__(self, "nodes", MappingProxyType(dict(self.nodes)))
        object.__setattr__(self, "_into", into)

    def needs_of(self, node_id: str) -> tuple[str, ...]:
        """The nodes that must have ended before this one: those in its templates, in its edges and their conditions."""
        return self.nodes[node_id].needs

    @property
    def last(self) -> tuple[str, ...]:
        """The nodes that no other needs; where it is one, its result is that of the workflow as a node of another."""
        needed = {need for node in self.nodes.values() for need in node.needs}
        return tuple(each for each in self.nodes if each not in needed)

    def edges_into(self, node_id: str) -> tuple[Edge, ...]:
        return self._into.get(node_id, ())
