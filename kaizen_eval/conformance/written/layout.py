"""Lays an expression out: on one line where it fits, else one item a line, as formatters do."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WIDTH", "Group", "Node", "laid"]

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Group:
    """Items between brackets."""

    start: str
    """Up to the bracket that opens, and with it."""
    items: tuple[tuple[str, Node], ...]
    """What stands before an item, such as "name=", and the item."""
    end: str
    lone_comma: bool = False
    """Whether a single item is followed by a comma even on one line, as in a tuple."""


Node = str | Group


def laid(node: Node, *, indent: int = 0, used: int = 0) -> str:
    """The text; `used` is how much of the first line is taken, beside the indent."""
    flat = _flat(node)
    if isinstance(node, str) or not node.items or indent + used + len(flat) <= WIDTH:
        return flat
    inner = " " * (indent + 4)
    lines = [f"{inner}{before}{laid(item, indent=indent + 4, used=len(before) + 1)},\n" for before, item in node.items]
    return f"{node.start}\n{''.join(lines)}{' ' * indent}{node.end}"


def _flat(node: Node) -> str:
    if isinstance(node, str):
        return node
    items = ", ".join(f"{before}{_flat(item)}" for before, item in node.items)
    comma = "," if node.lone_comma and len(node.items) == 1 else ""
    return f"{node.start}{items}{comma}{node.end}"
