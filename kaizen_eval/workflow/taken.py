"""What a workflow takes as inputs."""

from __future__ import annotations

from collections.abc import Iterator

from kaizen_eval.workflow.by_name import by_name
from kaizen_eval.workflow.conditions import asks
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.parameters import Parameters
from kaizen_eval.workflow.templates import Reference, references
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["by_name_in", "refers_to_inputs", "takes_of"]


def takes_of(workflow: Workflow) -> Parameters:
    """Those in its templates are required; of its agents, those without a default that nothing else can fill."""
    named = [by_name_in(workflow, node) for node in workflow.nodes.values()]
    paths = [each.path for node in workflow.nodes.values() for each in refers_to_inputs(workflow, node)]
    required = dict.fromkeys(
        [*(path[0] for path in paths if path), *(name for each in named for name in each.required)]
    )
    optional = dict.fromkeys(name for each in named for name in each.optional if name not in required)
    return Parameters(
        required=tuple(required), optional=tuple(optional), more=() in paths or any(each.more for each in named)
    )


def by_name_in(workflow: Workflow, node: Node) -> Parameters:
    """What a node takes by name from the workflow's inputs."""
    return by_name(node, [(edge, workflow.nodes[edge.source]) for edge in workflow.edges_into(node.id)])


def refers_to_inputs(workflow: Workflow, node: Node) -> Iterator[Reference]:
    """The templates of the workflow's inputs in a node and in the conditions of its edges."""
    asked = [asks(edge.when) for edge in workflow.edges_into(node.id)]
    for reference in (*references(node.each), *references(node.config), *(each for some in asked for each in some)):
        if reference.node == "inputs":
            yield reference
