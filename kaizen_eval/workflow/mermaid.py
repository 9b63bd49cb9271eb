"""Mermaid: a workflow as a drawing that GitHub and others show."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import count

from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node

__all__ = ["mermaid"]

_SHAPES = {"function": ("[", "]"), "agent": ("([", "])")}
_PLAIN = re.compile(r"[^\w\s.,/=!()-]")
_DIRECTION = re.compile(r"(?<=direction)\s+(?=TB|BT|RL|LR)")
"""The lexer takes a line with these for a statement, whatever stands around them."""


def mermaid(nodes: Iterable[Node], edges: Iterable[Edge]) -> str:
    """A flowchart: functions are boxes, agents are round, workflows are frames around their nodes. Solid arrows are
    edges, with their conditions; dotted ones are what templates alone need.
    """
    return "\n".join(["flowchart TD", *_lines(list(nodes), list(edges), _names(), "    ")]) + "\n"


def _names() -> Iterator[str]:
    """In the place of ids, which may be words of the language, such as `end`."""
    return (f"n{number}" for number in count())


def _lines(nodes: Collection[Node], edges: Collection[Edge], names: Iterator[str], indent: str) -> Iterator[str]:
    known: dict[str, str] = {}
    for node in nodes:
        known[node.id] = next(names)
        yield from _node(node, known[node.id], names, indent)
    connected = {(edge.source, edge.target) for edge in edges}
    for edge in edges:
        yield f"{indent}{known[edge.source]} {_arrow(edge)} {known[edge.target]}"
    for node in nodes:
        for need in node.needs:
            if (need, node.id) not in connected:
                yield f"{indent}{known[need]} -.-> {known[node.id]}"


def _node(node: Node, name: str, names: Iterator[str], indent: str) -> Iterator[str]:
    if node.kind == "workflow" and node.what.nodes:
        yield f"{indent}subgraph {name}[{_label(node)}]"
        yield from _lines(node.what.nodes.values(), node.what.edges, names, f"{indent}    ")
        yield f"{indent}end"
    else:
        begin, end = _SHAPES.get(node.kind, ("[[", "]]"))
        yield f"{indent}{name}{begin}{_label(node)}{end}"


def _label(node: Node) -> str:
    said = [
        node.id,
        *([node.type] if node.type != node.id else []),
        *([f"for each of {node.each}"] if node.each else []),
    ]
    return f'"{"<br/>".join(map(_escaped, said))}"'


def _arrow(edge: Edge) -> str:
    if edge.when is None:
        return "-->"
    said = edge.when if isinstance(edge.when, str) else getattr(edge.when, "__name__", type(edge.when).__name__)
    return f'-->|"{_escaped(" ".join(said.split()))}"|'


def _escaped(text: str) -> str:
    """As code points, whatever means something to Mermaid, Markdown or HTML."""
    escaped = _PLAIN.sub(lambda sign: f"#{ord(sign[0])};", " ".join(text.split()))
    return _DIRECTION.sub("#32;", escaped)
