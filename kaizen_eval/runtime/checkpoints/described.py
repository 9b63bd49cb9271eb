"""What a run was begun with, as JSON that can be compared: inputs, and a workflow by its structure and names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from kaizen_eval.runtime.checkpoints.values.plain import plain
from kaizen_eval.runtime.checkpoints.values.unkept import Unkept
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["described", "fingerprint"]


def described(workflow: Workflow, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Not in it: what may change while a run is gone on with, such as time limits, retries and the code of functions.

    Raises:
        Unkept: an input cannot be kept.
    """
    return {"workflow": _workflow(workflow), "inputs": plain(dict(inputs))}


def fingerprint(told: Mapping[str, Any]) -> str:
    """Of what `described` returned; the order of nodes and of inputs does not matter."""
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _workflow(workflow: Workflow) -> dict[str, Any]:
    nodes = {name: _node(node) for name, node in workflow.nodes.items()}
    return {"name": workflow.name, "nodes": nodes, "edges": [_edge(edge) for edge in workflow.edges]}


def _node(node: Node) -> dict[str, Any]:
    inside = {"workflow": _workflow(node.what)} if isinstance(node.what, Workflow) else {}
    return {"type": _last_name(node.type), "config": _said(node.config), "each": node.each, **inside}


def _last_name(text: str) -> str:
    """A function may be given as itself, or as `module:name`."""
    return text.rpartition(":")[2]


def _edge(edge: Edge) -> dict[str, Any]:
    mapping = None if edge.mapping is None else dict(edge.mapping)
    when = edge.when if edge.when is None or isinstance(edge.when, str) else getattr(edge.when, "__qualname__", "?")
    return {"from": edge.source, "to": edge.target, "mapping": mapping, "when": when}


def _said(value: Any) -> Any:
    """What can be kept as it is, and of the rest what it is."""
    if isinstance(value, Mapping):
        return {str(key): _said(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_said(item) for item in value]
    try:
        return plain(value)
    except Unkept:
        return f"<{type(value).__qualname__}>"
