"""What a node takes by name from the inputs of the workflow, as far as it can be told before anything is executed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.outputs import fields_of
from kaizen_eval.workflow.parameters import Parameters

__all__ = ["by_name", "may_fill", "sole"]


def by_name(node: Node, arrows: Sequence[tuple[Edge, Node]]) -> Parameters:
    """Of agents and workflows: required is what nothing else can fill, optional what something else may not fill.

    Args:
        node: whose inputs they are.
        arrows: the edges that lead to it, each with the node that it comes from.
    """
    if node.kind == "function":
        return Parameters()
    explicit = {*node.config, *(name for edge, _ in arrows for name in edge.fills)}
    left = [name for name in node.takes.names if name not in node.config]
    required = tuple(
        name
        for name in left
        if name in node.takes.required
        and name not in explicit
        and not any(may_fill(node, edge, source, name, explicit) for edge, source in arrows)
    )
    return Parameters(
        required=required,
        optional=tuple(name for name in left if name not in required),
        more=node.takes.more and not explicit - {*node.takes.beside},
    )


def may_fill(node: Node, edge: Edge, source: Node, name: str, explicit: Collection[str]) -> bool:
    """Whether an edge without a mapping may bring this input."""
    if edge.mapping is not None:
        return False
    fields = fields_of(source)
    if fields is None:
        return True
    return name in fields if fields else sole(node.takes, explicit) == name


def sole(takes: Parameters, filled: Iterable[str]) -> str | None:
    """The only input that is left: the only required one, or the only one at all where none is required."""
    taken = set(filled)
    required = [name for name in takes.required if name not in taken]
    left = required or [name for name in takes.optional if name not in taken]
    return left[0] if len(left) == 1 else None
