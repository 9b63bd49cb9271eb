"""WorkflowBuilder: nodes and edges as they are added, and the workflow that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Self

from kaizen_eval.config import RetryPolicy
from kaizen_eval.workflow.conditions import asks
from kaizen_eval.workflow.draft import Draft
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.templates import RESERVED, references
from kaizen_eval.workflow.types import found
from kaizen_eval.workflow.workflow import Workflow

__all__ = ["WorkflowBuilder"]


class WorkflowBuilder:
    """Add nodes, connect them, and `build()`; all that is wrong is told there.

    Args:
        name: of the workflow, in events, drawings and errors.
        types: what names of types mean here, before what `register_node` made them mean.
    """

    def __init__(self, name: str = "workflow", *, types: Mapping[str, Any] = {}) -> None:
        self.name = name
        self.types = dict(types)
        self._drafts: list[Draft] = []
        self._edges: list[Edge] = []

    def add_node(  # noqa: PLR0913 - what a node can be told
        self,
        type: Any,  # noqa: A002 - the guide's name
        id: str,  # noqa: A002 - the guide's name
        config: Mapping[str, Any] | None = None,
        *,
        each: str | None = None,
        concurrency: int = 10,
        timeout: float | None = None,
        retry: int | RetryPolicy | Mapping[str, Any] | None = None,
    ) -> Self:
        self._drafts.append(Draft(type, id, config or {}, each, concurrency, timeout, retry))
        return self

    def add_subworkflow(self, id: str, workflow: Workflow, config: Mapping[str, Any] | None = None) -> Self:  # noqa: A002 - as above
        return self.add_node(workflow, id, config)

    def connect(
        self,
        from_id: str,
        to_id: str,
        mapping: Mapping[str, str] | None = None,
        *,
        when: str | Callable[[Any], Any] | None = None,
    ) -> Self:
        self._edges.append(Edge(source=from_id, target=to_id, mapping=mapping, when=when))
        return self

    def build(self) -> Workflow:
        from graphlib import TopologicalSorter  # noqa: PLC0415 - loaded when something is built

        nodes = {draft.id: self._node(draft) for draft in self._drafts}
        order = TopologicalSorter({node.id: node.needs for node in nodes.values()}).static_order()
        return Workflow(nodes={each: nodes[each] for each in order}, edges=tuple(self._edges), name=self.name)

    def _node(self, draft: Draft) -> Node:
        kind, what, written, takes, reference = found(draft.type, self.types)
        return Node(
            id=draft.id,
            kind=kind,
            what=what,
            type=written,
            reference=reference,
            config=MappingProxyType(dict(draft.config)),
            needs=self._needs(draft),
            each=draft.each,
            concurrency=draft.concurrency,
            timeout=draft.timeout,
            retry=_retry(draft.retry),
            takes=takes,
        )

    def _needs(self, draft: Draft) -> tuple[str, ...]:
        asked = {each.node for each in (*references(draft.each), *references(draft.config))} - set(RESERVED)
        for edge in self._edges:
            if edge.target == draft.id:
                asked |= {edge.source, *(each.node for each in asks(edge.when))} - set(RESERVED)
        return tuple(each.id for each in self._drafts if each.id in asked)


def _retry(given: Any) -> RetryPolicy | None:
    if given is None:
        return None
    return RetryPolicy(attempts=given) if isinstance(given, int) else RetryPolicy.of(given)
