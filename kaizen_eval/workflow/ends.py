"""The ends of edges: whether there are such nodes, and what goes from one to the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kaizen_eval.suggestion import suggestion
from kaizen_eval.workflow.edge import Edge
from kaizen_eval.workflow.problems import Problems

__all__ = ["checked_edge"]


def checked_edge(edge: Edge, position: int, ids: Collection[str], problems: Problems) -> Edge | None:
    """The edge; None where it leads nowhere."""
    for name, end in (("from_id", edge.source), ("to_id", edge.target)):
        if end not in ids:
            problems.add(_unknown(end, () if problems.are_many else ids), "edges", position, name)
    mapping: object = edge.mapping
    if mapping is not None and not isinstance(mapping, Mapping):
        problems.add(
            f"a mapping says which field of {edge.source!r} fills which input of {edge.target!r}, such as "
            f"{{'answer': 'text'}}; {mapping!r} does not.",
            "edges",
            position,
            "mapping",
        )
        return None
    return edge if edge.source in ids and edge.target in ids else None


def _unknown(end: object, ids: Collection[str]) -> str:
    if not isinstance(end, str):
        return f"nodes are connected by their ids, not by {end!r}."
    if end == "inputs":
        return "'inputs' is no node; what execute() is given is {{inputs.name}} in a config."
    return f"there is no node {end!r}{suggestion(end, ids)}"
