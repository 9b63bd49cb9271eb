"""Makes a workflow of what was added, once nothing is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from kaizen_eval.workflow.certain import certain_nodes
from kaizen_eval.workflow.draft import Draft
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.ends import checked_edge
from kaizen_eval.workflow.fitting import check_fit
from kaizen_eval.workflow.mentions import check_mentions, in_edge, in_node
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.order import ordered
from kaizen_eval.workflow.part import Arrow, Part
from kaizen_eval.workflow.problems import Problems
from kaizen_eval.workflow.settings import check_ids, settled
from kaizen_eval.workflow.twice import check_twice
from kaizen_eval.workflow.types import Found, Types
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["assembled"]


def assembled(name: object, drafts: Sequence[Draft], edges: Sequence[Edge], types: Mapping[str, Any]) -> Workflow:
    """The workflow.

    Raises:
        WorkflowError: with all that is wrong.
    """
    assembly = _Assembly(drafts, edges, Types(types))
    nodes = assembly.nodes_in_order()
    if not isinstance(name, str) or not name:
        assembly.problems.add(f"a workflow's name is a text, not {name!r}.")
    assembly.problems.refuse(name)
    return Workflow(nodes=nodes, edges=tuple(edges), name=str(name))


class _Assembly:
    """All that is known of the parts of one workflow; what is wrong with them is gathered on the way."""

    def __init__(self, drafts: Sequence[Draft], edges: Sequence[Edge], types: Types) -> None:
        self.problems = Problems(drafts, edges)
        self._drafts = drafts
        check_ids(drafts, self.problems)
        self._places = _places(drafts)
        self._found = [self._found_for(draft, position, types) for position, draft in enumerate(drafts)]
        self._settings = [settled(draft, position, self.problems) for position, draft in enumerate(drafts)]
        self._mentions = [
            [*in_node(each, position, self.problems, per_item=drafts[position].each is not None)]
            for position, each in enumerate(self._settings)
        ]
        self._asked = [in_edge(edge, position, self.problems) for position, edge in enumerate(edges)]
        sound = [checked_edge(edge, position, self._places, self.problems) for position, edge in enumerate(edges)]
        self._into: dict[str, list[tuple[int, Edge]]] = {name: [] for name in self._places}
        for position, edge in enumerate(sound):
            if edge is not None:
                self._into[edge.target].append((position, edge))

    def _found_for(self, draft: Draft, position: int, types: Types) -> Found | None:
        found = None
        with self.problems.of("nodes", position, "type"):
            found = types.found(draft.type)
        return found  # noqa: RET504 - None where it is refused

    def nodes_in_order(self) -> dict[str, Node]:
        """Those that could be made; all of them, where nothing is wrong."""
        needs = {name: self._needs(name) for name in self._places}
        nodes = {name: self._node(name, needs[name]) for name in self._places}
        check_mentions(chain(*self._mentions, *self._asked), nodes, self.problems)
        order, circles = ordered(needs)
        for circle in circles:
            self.problems.add(
                f"{' → '.join(circle)}: these need each other in a circle, so that none can be the first."
            )
        made = {name: node for name in (order or needs) if (node := nodes[name]) is not None}
        self._check_fits(made, in_order=not circles)
        return made

    def _needs(self, name: str) -> tuple[str, ...]:
        used = {mention.reference.node for mention in self._mentions[self._places[name]]}
        for position, edge in self._into[name]:
            used |= {edge.source, *(mention.reference.node for mention in self._asked[position])}
        return tuple(sorted(used & self._places.keys(), key=self._places.__getitem__))

    def _node(self, name: str, needs: tuple[str, ...]) -> Node | None:
        position = self._places[name]
        found = self._found[position]
        return (
            None
            if found is None
            else Node(id=name, needs=needs, **found._asdict(), **self._settings[position]._asdict())
        )

    def _check_fits(self, nodes: Mapping[str, Node], *, in_order: bool) -> None:
        into = {name: tuple(edge for _, edge in edges) for name, edges in self._into.items()}
        certain = certain_nodes(nodes.values(), into) if in_order else frozenset()
        for name, node in nodes.items():
            edges = self._into[name]
            if all(edge.source in nodes for _, edge in edges):
                arrows = [Arrow(edge, position, nodes[edge.source]) for position, edge in edges]
                part = Part(node, self._places[name], arrows, self._mentions[self._places[name]])
                check_fit(part, self.problems)
                check_twice(part, certain, self.problems)


def _places(drafts: Sequence[Draft]) -> dict[str, int]:
    """Where each id was first added."""
    places: dict[str, int] = {}
    for position, draft in enumerate(drafts):
        if isinstance(draft.id, str):
            places.setdefault(draft.id, position)
    return places
