"""Workflow: nodes and edges that can work together, as they stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kaizen_eval.workflow.certain import certain_nodes
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.node import Node

__all__ = ["Workflow"]

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Workflow:
    """What `WorkflowBuilder.build()` returns; it can be executed any number of times, also at once."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    """By id, each after all that it needs."""
    edges: tuple[Edge, ...] = ()
    """Those of `connect`, in its order; what templates need is in `Node.needs`."""
    name: str = "workflow"
    _into: Mapping[str, tuple[Edge, ...]] = field(init=False, compare=False)
    _certain: frozenset[str] = field(init=False, compare=False)
    _last: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        into: dict[str, tuple[Edge, ...]] = {}
        for edge in self.edges:
            into[edge.target] = (*into.get(edge.target, ()), edge)
        object.__setattr__(self, "nodes", MappingProxyType(dict(self.nodes)))
        object.__setattr__(self, "_into", into)
        object.__setattr__(self, "_certain", certain_nodes(self.nodes.values(), into))
        needed = {need for node in self.nodes.values() for need in node.needs}
        object.__setattr__(self, "_last", tuple(each for each in self.nodes if each not in needed))

    def needs_of(self, node_id: str) -> tuple[str, ...]:
        """The nodes that must have ended before this one: those in its templates, in its edges and their conditions."""
        return self.nodes[node_id].needs

    @property
    def last(self) -> tuple[str, ...]:
        """The nodes that no other needs; where it is one, its result is that of the workflow as a node of another."""
        return self._last

    def to_mermaid(self) -> str:
        """A drawing in Mermaid's language, which GitHub shows in a block of code called `mermaid`."""
        from kaizen_eval.workflow.mermaid import mermaid  # noqa: PLC0415 - most workflows are not drawn

        return mermaid(self.nodes.values(), self.edges)

    def is_certain(self, edge: Edge) -> bool:
        """Whether it counts whatever happens: it has no condition, and there is none before it."""
        return edge.when is None and edge.source in self._certain

    def edges_into(self, node_id: str) -> tuple[Edge, ...]:
        return self._into.get(node_id, ())

    def __repr__(self) -> str:
        shown = [*self.nodes][:_SHOWN] + (["…"] if len(self.nodes) > _SHOWN else [])
        return f"<Workflow {self.name!r} of {len(self.nodes)}: {', '.join(shown) or 'nothing'}>"

    def to_yaml(self) -> str:
        """As `Workflow.from_yaml` reads it again.

        Raises:
            WorkflowError: with all that a file cannot hold: lambdas, functions inside of functions, agents that no
                module holds, values that JSON does not know, what looks like a secret.
        """
        from kaizen_eval.workflow.yaml_file import text_of  # noqa: PLC0415 - loaded where something is saved

        return text_of(self)

    def save(self, path: str | Path) -> None:
        """Write it to a file, whole or not at all, over what is there.

        Raises:
            WorkflowError: as `to_yaml`, or the file cannot be written.
        """
        from kaizen_eval.workflow.yaml_file import save  # noqa: PLC0415 - loaded where something is saved

        save(self, path)

    @staticmethod
    def from_yaml(text: str, types: Mapping[str, Any] | None = None) -> Workflow:
        """The workflow in a text.

        Args:
            text: YAML.
            types: what names of types mean, before those that are registered.

        Raises:
            WorkflowError: with line and column of everything that is wrong.
        """
        from kaizen_eval.workflow.yaml_file import read  # noqa: PLC0415 - loaded where something is read

        return read(text, types)

    @staticmethod
    def load(path: str | Path, types: Mapping[str, Any] | None = None) -> Workflow:
        """The workflow in a file; `from_yaml` says more.

        Raises:
            WorkflowError: it cannot be read, or with line and column of everything that is wrong.
        """
        from kaizen_eval.workflow.yaml_file import load  # noqa: PLC0415 - loaded where something is read

        return load(path, types)
