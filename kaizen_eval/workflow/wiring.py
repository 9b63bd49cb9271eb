"""Wiring: whether a node is executed, and what it is given, once what it needs has ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from kaizen_eval.errors import InputError
from kaizen_eval.workflow.by_name import sole
from kaizen_eval.workflow.conditions import asks, holds
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.missing import missing_inputs
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.reaching import kind_of, reached
from kaizen_eval.workflow.templates import filled, references
from kaizen_eval.workflow.workflow import Workflow
from kaizen_eval.workflow.written import plain

__all__ = ["Live", "Skipped", "fate_of", "inputs_of", "items_of", "missing_inputs"]


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
        return Skipped(f"{_and(node.needs)} {_was(node.needs)} skipped")
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
    mapped = {name for edge in live for name in edge.mapping or ()}
    for name in node.takes.required:
        if name in mapped or (node.kind != "function" and name in inputs):
            continue
        if name in node.config:
            gone = _gone(node.config[name], skipped)
            if gone:
                return f"its input {name!r} comes from {gone}, which was skipped"
        elif dead := [edge.source for edge in edges if edge not in live and _may_fill(edge, name)]:
            return f"its input {name!r} comes from {_and(dead)}, and nothing came from there"
    return ""


def _may_fill(edge: Edge, name: str) -> bool:
    return edge.mapping is None or name in edge.mapping


def _gone(value: object, skipped: Collection[str]) -> str:
    return next((each.node for each in references(value) if each.node in skipped), "")


def items_of(node: Node, results: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[Any]:
    """What a node with `each` is executed for.

    Raises:
        InputError: there is no such thing, or it is no list.
    """
    items = filled(node.each, _scope(node, results, inputs, {}))
    if isinstance(items, str | bytes | Mapping) or not hasattr(items, "__iter__"):
        raise InputError(f"{node.each}, for each item of which it is executed, is no list but {_shown(items)}.")
    return list(items)


def inputs_of(  # noqa: PLR0913 - all that may fill an input
    workflow: Workflow,
    node: Node,
    results: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    live: Live | None = None,
    extra: Mapping[str, Any] = {},
) -> dict[str, Any]:
    """What a node is given, by name.

    Args:
        workflow: that it is a node of.
        node: its.
        results: of all that it needs, by id, but of what was skipped.
        inputs: the workflow's.
        live: what `fate_of` said; None counts every edge whose source has a result.
        extra: `item` and `index`, of a node with `each`.

    Raises:
        InputError: what a template or a mapping refers to is not there, two edges fill one input, or one that is
            required is missing.
    """
    edges = workflow.edges_into(node.id)
    edges = tuple(edge for edge in edges if edge.source in results) if live is None else live.edges
    given = _mapped(edges, results)
    scope = _scope(node, results, inputs, extra)
    for name, value in node.config.items():
        if name not in given and all(each.node in scope for each in references(value)):
            given[name] = filled(value, scope)
    given |= _claimed(workflow, node, edges, results, given)
    if node.kind != "function":
        _by_name(node, given, inputs)
    if node.kind == "agent":
        given = {name: plain(value) for name, value in given.items()}
    _refuse_missing(node, edges, results, given)
    return given


def _scope(
    node: Node, results: Mapping[str, Any], inputs: Mapping[str, Any], extra: Mapping[str, Any]
) -> dict[str, Any]:
    return {"inputs": inputs, **{need: results[need] for need in node.needs if need in results}, **extra}


def _mapped(edges: tuple[Edge, ...], results: Mapping[str, Any]) -> dict[str, Any]:
    """By the edges that say what goes where; the first that fills an input does."""
    given: dict[str, Any] = {}
    for edge in edges:
        for name, path in (edge.mapping or {}).items():
            if name not in given:
                text = f"{name!r} of node {edge.target!r} is to be {edge.source}.{path}"
                given[name] = reached(edge.source, path.split("."), results, text)
    return given


def _claimed(
    workflow: Workflow, node: Node, edges: tuple[Edge, ...], results: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """By the edges that do not: fields of the same name, or the only input that is left."""
    claims: dict[str, tuple[Edge, Any]] = {}
    for edge in edges:
        if edge.mapping is None:
            for name, value in _offered(node, edge.source, results[edge.source], given).items():
                _claim(workflow, claims, name, edge, value)
    return {name: value for name, (_, value) in claims.items()}


def _offered(node: Node, source: str, result: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(result, Mapping):
        fields = getattr(result, "outputs", result)
        return {name: value for name, value in fields.items() if name not in given and _is_taken(node, name)}
    only = sole(node.takes, given)
    if only is not None:
        return {only: result}
    return {source: result} if node.takes.more and not node.takes.names else {}


def _is_taken(node: Node, name: object) -> bool:
    takes = node.takes
    return isinstance(name, str) and (takes.more or name in takes.names) and name not in takes.beside


def _claim(workflow: Workflow, claims: dict[str, tuple[Edge, Any]], name: str, edge: Edge, value: Any) -> None:
    first, already = claims.setdefault(name, (edge, value))
    if first is edge or value is None:
        return
    if already is None:
        claims[name] = (edge, value)
    elif workflow.is_certain(first):
        raise InputError(
            f"Both {first.source!r} and {edge.source!r} fill {name!r} of node {edge.target!r}: say by a mapping which "
            "of them does."
        )


def _by_name(node: Node, given: dict[str, Any], inputs: Mapping[str, Any]) -> None:
    for name in node.takes.names:
        if name not in given and name in inputs:
            given[name] = inputs[name]
    if node.takes.more and not given.keys() - set(node.takes.beside):
        given |= {name: value for name, value in inputs.items() if name not in node.takes.beside}


def _refuse_missing(node: Node, edges: tuple[Edge, ...], results: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    missing = [name for name in node.takes.required if name not in given]
    if missing:
        came = "; ".join(f"{edge.source} gave {_shown(results[edge.source])}" for edge in edges)
        raise InputError(
            f"Node {node.id!r} was given no {_and(list(map(repr, missing)))}: {came or 'nothing fills it'}. "
            f"Say what fills it: connect({(edges[0].source if edges else 'source')!r}, {node.id!r}, "
            f"{{{missing[0]!r}: 'output'}}) gives it the whole result."
        )


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping of " + (", ".join(map(str, value)) or "nothing")
    return kind_of(value)


def _and(names: Collection[str]) -> str:
    *most, last = dict.fromkeys(names)
    return f"{', '.join(most)} and {last}" if most else last


def _was(names: Collection[str]) -> str:
    return "was" if len(set(names)) == 1 else "were"
