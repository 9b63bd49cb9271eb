"""One node of a workflow, executed by itself: for runtimes of others, which know what comes after what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from kaizen_eval.runtime.execution import Results
from kaizen_eval.runtime.local import LocalRuntime
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.parameters import Parameters
from kaizen_eval.workflow.taken import takes_of
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["executed_alone"]

_NOWHERE = " "
"""The id of what can be no node's: edges from here never count."""


async def executed_alone(
    workflow: Workflow,
    node_id: str,
    results: Mapping[str, Any],
    skipped: Collection[str],
    inputs: Mapping[str, Any],
) -> Results:
    """Its result, or that it was skipped, beside those of what it needs.

    Args:
        workflow: that it is a node of.
        node_id: its id.
        results: of what it needs, but of what was skipped.
        skipped: what it needs and was skipped.
        inputs: the workflow's.

    Raises:
        NodeFailed: it failed.
        InputError: inputs are missing.
    """
    node = workflow.nodes[node_id]
    alone = Workflow(
        nodes={**_ended(results, skipped), node_id: node},
        edges=(*_dead(skipped), *workflow.edges_into(node_id)),
        name=workflow.name,
    )
    takes = takes_of(alone)
    used = {name: value for name, value in inputs.items() if takes.more or name in takes.names}
    return (await LocalRuntime().execute_async(alone, used)).results


def _ended(results: Mapping[str, Any], skipped: Collection[str]) -> dict[str, Node]:
    """Stand-ins for what was executed elsewhere."""
    nodes = {name: _stand_in(name, value) for name, value in results.items()}
    if skipped:
        nodes[_NOWHERE] = _stand_in(_NOWHERE, None)
    return nodes | {name: _stand_in(name, None, needs=(_NOWHERE,)) for name in skipped}


def _stand_in(name: str, value: Any, *, needs: tuple[str, ...] = ()) -> Node:
    return Node(id=name, kind="function", what=partial(_same, value), type=name, needs=needs, takes=Parameters())


async def _same(value: Any) -> Any:
    return value


def _dead(skipped: Collection[str]) -> list[Edge]:
    return [Edge(source=_NOWHERE, target=name, mapping={}, when=_never) for name in skipped]


def _never(_: Any) -> bool:
    return False
