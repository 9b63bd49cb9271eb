"""Wiring: what a node is given, once what it needs has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaizen_eval.errors import InputError
from kaizen_eval.workflow.by_name import sole
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.fates import Live
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.reaching import kind_of, reached
from kaizen_eval.workflow.templates import filled, references
from kaizen_eval.workflow.wording import listed
from kaizen_eval.workflow.workflow import Workflow
from kaizen_eval.workflow.written import plain

__all__ = ["inputs_of", "items_of"]


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
    is_whole = all(need in results for need in node.needs)
    for name, value in node.config.items():
        if name not in given and (is_whole or all(each.node in scope for each in references(value))):
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
        for name, path in edge.fills.items():
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
            f"Node {node.id!r} was given no {listed(list(map(repr, missing)))}: {came or 'nothing fills it'}. "
            f"Say what fills it: connect({(edges[0].source if edges else 'source')!r}, {node.id!r}, "
            f"{{'output': {missing[0]!r}}}) gives it the whole result."
        )


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping of " + (", ".join(map(str, value)) or "nothing")
    return kind_of(value)
