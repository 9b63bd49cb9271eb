"""What is known of a node's result before it is there: the names of its fields."""

from __future__ import annotations

from collections.abc import Mapping

from kaizen_eval.workflow.node import Node

__all__ = ["fields_of"]


def fields_of(node: Node) -> tuple[str, ...] | None:
    """Of an agent with a signature, and of what takes a list, which has none; None where nobody knows."""
    if node.each is not None:
        return ()
    if node.kind == "workflow":
        return _last(node)
    fields = getattr(getattr(node.what, "signature", None), "output_fields", None) if node.kind == "agent" else None
    return tuple(fields) if isinstance(fields, Mapping) else None


def _last(node: Node) -> tuple[str, ...] | None:
    last = node.what.last
    return fields_of(node.what.nodes[last[0]]) if len(last) == 1 else tuple(last)
