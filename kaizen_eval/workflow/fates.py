"""Fates: whether a node is executed or skipped, once what it needs has ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.workflow.conditions import asks, holds
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.templates import references
from kaizen_eval.workflow.wording import listed
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["Live", "Skipped", "fate_of"]


@dataclass(frozen=True, slots=True)
class Live:
    """It is executed."""

    edges: tuple[Edge, ...] = ()
    """Those that count, in their order."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """It is not."""

    why: str


def fate_of(
    workflow: Workflow, node: Node, results: Mapping[str, Any], skipped: Collection[str], inputs: Mapping[str, Any]
) -> Live | Skipped:
    """Asked once, when all that the node needs has ended: the conditions of its edges are decided here.

    Raises:
        InputError: a condition cannot be decided.
    """
    edges = workflow.edges_into(node.id)
    live = tuple(edge for edge in edges if _counts(edge, results, skipped, inputs))
    if edges and not live:
        return Skipped(_dead(edges, skipped))
    if not edges and node.needs and all(need in skipped for need in node.needs):
        return Skipped(f"{listed(node.needs)} {'was' if len(node.needs) == 1 else 'were'} skipped")
    lacking = _lacking(node, edges, live, skipped, inputs)
    return Skipped(lacking) if lacking else Live(live)


def _counts(edge: Edge, results: Mapping[str, Any], skipped: Collection[str], inputs: Mapping[str, Any]) -> bool:
    """What a skipped node would have to decide does not hold."""
    if edge.source in skipped or edge.source not in results:
        return False
    asked = asks(edge.when)
    if any(reference.node in skipped for reference in asked):
        return False
    scope = {"inputs": inputs, **{each.node: results[each.node] for each in asked if each.node in results}}
    return holds(edge.when, scope, results[edge.source])


def _dead(edges: tuple[Edge, ...], skipped: Collection[str]) -> str:
    return "; ".join(dict.fromkeys(_why_not(edge, skipped) for edge in edges))


def _why_not(edge: Edge, skipped: Collection[str]) -> str:
    if edge.source in skipped:
        return f"{edge.source} was skipped"
    said = f", {edge.when}," if isinstance(edge.when, str) else ""
    return f"the condition of the edge from {edge.source}{said} does not hold"


def _lacking(
    node: Node, edges: tuple[Edge, ...], live: tuple[Edge, ...], skipped: Collection[str], inputs: Mapping[str, Any]
) -> str:
    """Why an input that it cannot do without has come to nothing; empty where none has."""
    if not skipped and len(live) == len(edges):
        return ""
    if node.each is not None and (gone := _gone(node.each, skipped)):
        return f"what it is executed for comes from {gone}, which was skipped"
    if any(edge.mapping is None for edge in live):
        return ""
    mapped = {name for edge in live for name in edge.fills}
    for name in node.takes.required:
        if name in mapped or (node.kind != "function" and name in inputs):
            continue
        if name in node.config:
            gone = _gone(node.config[name], skipped)
            if gone:
                return f"its input {name!r} comes from {gone}, which was skipped"
        elif dead := [edge.source for edge in edges if edge not in live and _may_fill(edge, name)]:
            return f"its input {name!r} comes from {listed(dead)}, and nothing came from there"
    return ""


def _may_fill(edge: Edge, name: str) -> bool:
    return edge.mapping is None or name in edge.fills


def _gone(value: object, skipped: Collection[str]) -> str:
    return next((each.node for each in references(value) if each.node in skipped), "")
