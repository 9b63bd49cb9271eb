"""What a workflow must be given, and what of it is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kaizen_eval.errors import InputError
from kaizen_eval.suggestion import nearest
from kaizen_eval.workflow.by_name import by_name
from kaizen_eval.workflow.conditions import asks
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.reaching import reached
from kaizen_eval.workflow.templates import Reference, references
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["missing_inputs", "refers_to_inputs"]


def missing_inputs(workflow: Workflow, inputs: Mapping[str, Any]) -> list[str]:
    """A sentence for each; what may still come from a node's result is not missing."""
    found: dict[str, None] = {}
    for node in workflow.nodes.values():
        for reference in refers_to_inputs(workflow, node):
            try:
                reached("inputs", reference.path, {"inputs": inputs}, f"node {node.id!r} needs {reference.text}")
            except InputError as error:
                found[str(error)] = None
        edges = [(edge, workflow.nodes[edge.source]) for edge in workflow.edges_into(node.id)]
        for name in by_name(node, edges).required:
            if name not in inputs:
                found[_missing(node, name, inputs)] = None
    return list(found)


def refers_to_inputs(workflow: Workflow, node: Node) -> Iterator[Reference]:
    """The templates of the workflow's inputs in a node and in the conditions of its edges."""
    asked = [asks(edge.when) for edge in workflow.edges_into(node.id)]
    for reference in (*references(node.each), *references(node.config), *(each for some in asked for each in some)):
        if reference.node == "inputs":
            yield reference


def _missing(node: Node, name: str, inputs: Mapping[str, Any]) -> str:
    near = nearest(name, map(str, inputs))
    meant = f"; is it what was given as {near!r}?" if near else "."
    return f"node {node.id!r} needs the input {name!r}{meant}"
