"""Workflow: nodes and edges that can work together, as they stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
