"""From what is written in a workflow file to the workflow, by the builder that code uses, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kaizen_eval.errors import ConfigError, WorkflowError
from kaizen_eval.handwritten.compounds import Object
from kaizen_eval.handwritten.nodes import Node, Spot
from kaizen_eval.handwritten.numbers import with_whole
from kaizen_eval.handwritten.problems import Problems
from kaizen_eval.handwritten.shapes import is_well_formed
from kaizen_eval.named import named
from kaizen_eval.workflow.builder import WorkflowBuilder
from kaizen_eval.workflow.problems import Problem
from kaizen_eval.workflow.workflow import Workflow
from kaizen_eval.workflow.yaml_file.grammar import EDGE, NODE, WORKFLOW, retry_in

__all__ = ["built"]

_CALLED = {"from_id": "from", "to_id": "to"}
"""What `connect` calls by another name."""


def built(root: Node, types: Mapping[str, Any], problems: Problems, name: str = "workflow") -> Workflow | None:
    """What `build()` refuses are problems, too; None where it does.

    Args:
        root: the workflow as it is written; what is not well-formed of it has been told.
        types: what names of types mean here.
        problems: takes what is wrong.
        name: where none is written.
    """
    nodes = [*_fields(root.get("nodes")).items()]
    edges = [edge for edge in _items(root.get("edges")) if {"from", "to"} <= _sound(edge, EDGE).keys()]
    builder = WorkflowBuilder(_sound(root, WORKFLOW).get("name", name), types=types)
    for each, node in nodes:
        _add(builder, each, node, problems)
    for edge in edges:
        _connect(builder, _sound(edge, EDGE), edge, problems)
    try:
        return builder.build()
    except WorkflowError as error:
        for problem in error.problems:
            problems.add(_spot(problem, root, nodes, edges), str(problem))
        return None


def _sound(node: Node, shape: Object) -> dict[str, Any]:
    """The fields that are as they should be: of the others it has been told."""
    known = {name: (item, shape.fields[name].shape) for name, item in _fields(node).items() if name in shape.fields}
    return {name: item.json() for name, (item, of) in known.items() if is_well_formed(of, item)}


def _add(builder: WorkflowBuilder, name: str, node: Node, problems: Problems) -> None:
    said = _sound(node, NODE)
    inner = node.get("workflow")
    what = said.get("type", _anything) if inner is None else built(inner, builder.types, problems) or _anything
    settings = with_whole({each: said[each] for each in ("each", "concurrency", "timeout") if each in said})
    builder.add_node(what, name, said.get("config"), retry=retry_in(said.get("retry")), **settings)


def _connect(builder: WorkflowBuilder, said: Mapping[str, Any], edge: Node, problems: Problems) -> None:
    when = said.get("when")
    if isinstance(when, dict):
        when = _function(edge["when"]["function"], problems)
    builder.connect(said["from"], said["to"], said.get("mapping"), when=when)


def _function(reference: Node, problems: Problems) -> Callable[[Any], Any] | None:
    try:
        return named(reference.json())  # type: ignore[no-any-return]  # `build()` looks at what it is
    except ConfigError as error:
        problems.add(reference, str(error))
        return None


def _anything(**_: Any) -> None:
    """Stands where a node cannot be made, so that nobody is told that there is none."""


def _fields(node: Node | None) -> Mapping[str, Node]:
    return {} if node is None or node.fields is None else node.fields


def _items(node: Node | None) -> tuple[Node, ...]:
    return () if node is None or node.items is None else node.items


def _spot(problem: str, root: Node, nodes: list[tuple[str, Node]], edges: list[Node]) -> Spot:
    """Where it is written, or the nearest around it; a field stands where its name does."""
    where = problem.where if isinstance(problem, Problem) else ()
    match where:
        case ["nodes", int(place), *steps]:
            name, node = nodes[place]
            return _within(node, steps, root["nodes"].keys[name])
        case ["edges", int(place), *steps]:
            return _within(edges[place], [_CALLED.get(str(step), step) for step in steps], edges[place].spot)
    return root.spot


def _within(node: Node, steps: list[str | int], spot: Spot) -> Spot:
    for step in steps:
        if isinstance(step, int) and step < len(_items(node)):
            node = _items(node)[step]
            spot = node.spot
        elif str(step) in node:
            node, spot = node[str(step)], node.keys[str(step)]
        else:
            break
    return spot
