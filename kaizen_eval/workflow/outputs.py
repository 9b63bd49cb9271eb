"""What is known of a node's result before it is there: the names of its fields."""

from __future__ import annotations

from collections.abc import Mapping

from kaizen_eval.suggestion import suggestion
from kaizen_eval.workflow.node import Node
from kaizen_eval.workflow.reaching import WHOLE

__all__ = ["fields_of", "lacks"]


def fields_of(node: Node) -> tuple[str, ...] | None:
    """Of an agent with a signature; none of what returns a list; None where nobody knows."""
    if node.each is not None:
        return ()
    if node.kind == "workflow":
        return _last(node)
    fields = getattr(getattr(node.what, "signature", None), "output_fields", None) if node.kind == "agent" else None
    return tuple(fields) if isinstance(fields, Mapping) else None


def _last(node: Node) -> tuple[str, ...] | None:
    last = node.what.last
    return fields_of(node.what.nodes[last[0]]) if len(last) == 1 else tuple(last)


def lacks(node: Node, name: str) -> str:
    """Why its result will have no field of this name; empty where it may."""
    fields = fields_of(node)
    if fields is None or name in fields or name == WHOLE or name.startswith("_"):
        return ""
    if fields:
        return f"what {node.id!r} returns has no {name!r}{suggestion(name, fields)} It has: {', '.join(fields)}."
    if name.removeprefix("-").isdecimal():
        return ""
    return f"{node.id!r} returns a list, which has no {name!r}; items go by number, from 0."
