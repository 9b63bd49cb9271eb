"""Workflows: nodes, what connects them, and whether the whole can work; nothing is executed here."""

from __future__ import annotations

from kaizen_eval.lazy import lazily

TYPE_CHECKING = False  # type-checkers take it as True
if TYPE_CHECKING:
    from kaizen_eval.workflow.builder import WorkflowBuilder
    from kaizen_eval.workflow.edge import Edge
    from kaizen_eval.workflow.node import Node
    from kaizen_eval.workflow.registry import register_node
    from kaizen_eval.workflow.workflow import Workflow

__all__ = ["Edge", "Node", "Workflow", "WorkflowBuilder", "register_node"]

_HOMES = {
    "Edge": "edge",
    "Node": "node",
    "Workflow": "workflow",
    "WorkflowBuilder": "builder",
    "register_node": "registry",
}

if not TYPE_CHECKING:  # else type-checkers would believe every name
    __getattr__, __dir__ = lazily(__name__, _HOMES)
