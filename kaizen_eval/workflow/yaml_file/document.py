"""A workflow as plain values, in the order in which a file has them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from kaizen_eval.config import RetryPolicy
from kaizen_eval.errors import WorkflowError
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.workflow import Workflow
from kaizen_eval.workflow.yaml_file.reference import reference_of_function, reference_of_node
from kaizen_eval.workflow.yaml_file.values import plain, unfit

__all__ = ["document"]


def document(workflow: Workflow, problems: list[str], where: str = "") -> dict[str, Any]:
    """What of it cannot be written is a problem.

    Args:
        workflow: as it was built.
        problems: takes a sentence for each.
        where: for a workflow inside, the ids of the nodes around it: `outer/`.
    """
    _fitting({"name": workflow.name}, f"workflow {where or workflow.name}", problems)
    nodes = {name: _node(node, problems, where) for name, node in workflow.nodes.items()}
    edges = [_edge(edge, problems, where) for edge in workflow.edges]
    return {"name": workflow.name, "nodes": nodes} | ({"edges": edges} if edges else {})


def _node(node: Node, problems: list[str], where: str) -> dict[str, Any]:
    here = f"node {where + node.id!r}"
    said: dict[str, Any] = {
        "config": _fitting(node.config, here, problems),
        "each": node.each,
        "concurrency": None if node.concurrency == _default("concurrency") else node.concurrency,
        "timeout": node.timeout,
        "retry": None if node.retry is None else _retry(node.retry),
    }
    given = {name: value for name, value in said.items() if value not in (None, {})}
    if node.kind == "workflow" and not node.reference:
        return {"workflow": document(node.what, problems, f"{where}{node.id}/")} | given
    return {"type": _tried(lambda: reference_of_node(node), here, problems)} | given


def _edge(edge: Edge, problems: list[str], where: str) -> dict[str, Any]:
    here = f"the edge from {where + edge.source!r} to {where + edge.target!r}"
    said: dict[str, Any] = {"from": edge.source, "to": edge.target}
    if edge.mapping is not None:
        said["mapping"] = _fitting(edge.mapping, here, problems)
    when = edge.when
    if isinstance(when, str):
        said["when"] = _fitting({"when": when}, here, problems)["when"]
    elif when is not None:
        said["when"] = {"function": _tried(lambda: reference_of_function(when), f"{here}: when", problems)}
    return said


def _fitting(values: Mapping[str, Any], here: str, problems: list[str]) -> dict[str, Any]:
    before = len(problems)
    for path, why in unfit(values):
        problems.append(f"{here}: {'.'.join(map(str, path))} {why}")
    return plain(values) if len(problems) == before else {}


def _tried(reference: Callable[[], str], here: str, problems: list[str]) -> str:
    try:
        return reference()
    except WorkflowError as error:
        problems.append(f"{here}: {error}")
        return ""


def _retry(policy: RetryPolicy) -> Any:
    """A number where it says all."""
    said = {
        each.name: getattr(policy, each.name)
        for each in dataclasses.fields(policy)
        if getattr(policy, each.name) != each.default
    }
    return policy.attempts if said.keys() <= {"attempts"} else said


def _default(name: str) -> Any:
    return next(each.default for each in dataclasses.fields(Node) if each.name == name)
