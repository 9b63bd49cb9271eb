"""What a node takes by name from the inputs of the workflow, as far as it can be told before anything is executed."""

from __future__ import annotations

from collections.abc import Iterable

from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.outputs import fields_of
from kaizen_eval.workflow.parameters import Parameters

__all__ = ["by_name", "sole", "surely_filled"]


def by_name(node: Node, edges: Iterable[tuple[Edge, Node]]) -> Parameters:
    """Of agents and workflows: required is what nothing can fill; optional what something may not fill.

    Args:
        node: whose inputs they are.
        edges: those that lead to it, each with the node that it comes from.
    """
    if node.kind == "function":
        return Parameters()
    arrows = list(edges)
    filled = surely_filled(node, arrows)
    left = [name for name in node.takes.names if name not in filled]
    open_ended = any(may_fill_anything(edge, source) for edge, source in arrows)
    required = [name for name in left if name in node.takes.required and not open_ended]
    mapped = {name for edge, _ in arrows for name in edge.mapping or ()}
    required = [name for name in required if name not in mapped]
    return Parameters(
        required=tuple(required),
        optional=tuple(name for name in left if name not in required),
        more=node.takes.more and not filled and not any(edge.mapping for edge, _ in arrows),
    )


def surely_filled(node: Node, edges: Iterable[tuple[Edge, Node]]) -> set[str]:
    """By its config, and by edges without a condition."""
    arrows = [(edge, source) for edge, source in edges if edge.when is None]
    filled = {name for name in node.config if name not in node.takes.beside}
    filled |= {name for edge, _ in arrows for name in edge.mapping or ()}
    for edge, source in arrows:
        fields = fields_of(source)
        if edge.mapping is None and fields is not None:
            filled |= {name for name in fields if name in node.takes.names}
    return filled


def may_fill_anything(edge: Edge, source: Node) -> bool:
    return edge.mapping is None and (edge.when is not None or not fields_of(source))


def sole(takes: Parameters, filled: Iterable[str]) -> str | None:
    """The only input that is left: the only required one, or the only one at all where none is required."""
    taken = set(filled)
    required = [name for name in takes.required if name not in taken]
    left = required or [name for name in takes.optional if name not in taken]
    return left[0] if len(left) == 1 else None
