"""The templates of a workflow that is being built: where each stands, and whether it can refer to anything."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kaizen_eval.errors import WorkflowError
from kaizen_eval.suggestion import nearest
from kaizen_eval.workflow.conditions import asks
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.outputs import lacks
from kaizen_eval.workflow.problems import Problems, Where
from kaizen_eval.workflow.settings import Settings
from kaizen_eval.workflow.templates import RESERVED, Reference, references

__all__ = ["Mention", "check_mentions", "in_edge", "in_node"]


class Mention(NamedTuple):
    """One template in its place."""

    reference: Reference
    where: Where
    per_item: bool
    """Whether it may be of an item."""


def in_node(settings: Settings, position: int, problems: Problems, *, per_item: bool) -> Iterator[Mention]:
    if settings.each is not None:
        yield from _inside(settings.each, ("nodes", position, "each"), problems, per_item=True)
    for name, value in settings.config.items():
        yield from _inside(value, ("nodes", position, "config", name), problems, per_item=per_item)


def _inside(value: Any, where: Where, problems: Problems, *, per_item: bool) -> Iterator[Mention]:
    if isinstance(value, str):
        if "{{" in value:
            with problems.of(*where):
                yield from [Mention(reference, where, per_item) for reference in references(value)]
        return
    for name, inner in _items(value):
        yield from _inside(inner, (*where, name), problems, per_item=per_item)


def _items(value: Any) -> Iterable[tuple[Any, Any]]:
    """Of what `references` looks into."""
    if type(value) is dict:
        return value.items()
    return enumerate(value) if type(value) in (list, tuple) else ()


def in_edge(edge: Edge, position: int, problems: Problems) -> list[Mention]:
    """Those in its condition, which is checked."""
    where = ("edges", position, "when")
    found: list[Mention] = []
    with problems.of(*where):
        if edge.when is not None and not isinstance(edge.when, str):
            _check_function(edge.when)
        found = [Mention(reference, where, per_item=False) for reference in asks(edge.when)]
    return found  # noqa: RET504 - empty where it is refused


def _check_function(when: Callable[[Any], Any]) -> None:
    if not callable(when):
        raise WorkflowError(f"a condition is a text, or a function of the source's result, not {when!r}.")
    if inspect.iscoroutinefunction(when):
        raise WorkflowError(f"a condition is a plain function, and {when.__qualname__} is an async one.")
    try:
        inspect.signature(when).bind(None)
    except TypeError as error:
        raise WorkflowError(f"a condition is given the source's result and nothing else: {error}.") from None
    except ValueError:
        return  # it does not tell what it takes


def check_mentions(mentions: Iterable[Mention], nodes: Mapping[str, Node | None], problems: Problems) -> None:
    """That each refers to a node, and to a field that this can have.

    Args:
        mentions: all of them.
        nodes: by id; None for one that could not be made.
        problems: which are added to.
    """
    for mention in mentions:
        wrong = _wrong(mention, nodes, guess=not problems.are_many)
        if wrong:
            problems.add(f"{mention.reference.text}: {wrong}", *mention.where)


def _wrong(mention: Mention, nodes: Mapping[str, Node | None], *, guess: bool) -> str:
    name, path = mention.reference.node, mention.reference.path
    if name in nodes:
        node = nodes[name]
        return lacks(node, path[0]) if node is not None and path else ""
    if name in {"item", "index"}:
        return "" if mention.per_item else "only the config of a node with each=… can have it."
    return "" if name in RESERVED else _unknown(mention.reference, [*nodes, *RESERVED] if guess else [])


def _unknown(reference: Reference, known: Sequence[str]) -> str:
    near = nearest(reference.node, known)
    if near is not None:
        return f"there is no node {reference.node!r}; did you mean {near!r}?"
    given = ".".join(["inputs", reference.node, *reference.path])
    return f"there is no node {reference.node!r}; what execute() is given would be {{{{{given}}}}}."
