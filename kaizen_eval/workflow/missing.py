"""What a workflow must be given and was not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.errors import InputError
from kaizen_eval.suggestion import nearest
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.reaching import reached
from kaizen_eval.workflow.taken import by_name_in, refers_to_inputs
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["missing_inputs"]


def missing_inputs(workflow: Workflow, inputs: Mapping[str, Any]) -> list[str]:
    """A sentence for each; what may still come from a node's result is not missing."""
    found: dict[str, None] = {}
    for node in workflow.nodes.values():
        for reference in refers_to_inputs(workflow, node):
            try:
                reached("inputs", reference.path, {"inputs": inputs}, f"node {node.id!r} needs {reference.text}")
            except InputError as error:
                found[str(error)] = None
        found |= {
            _missing(node, name, inputs): None for name in by_name_in(workflow, node).required if name not in inputs
        }
    return list(found)


def _missing(node: Node, name: str, inputs: Mapping[str, Any]) -> str:
    near = nearest(name, map(str, inputs))
    meant = f"; is it what was given as {near!r}?" if near else "."
    return f"node {node.id!r} needs the input {name!r}{meant}"
