"""Reads the tree of exceptions that is drawn in the docstring of `kaizen_eval.errors`."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Entry", "entries"]

_LINE = re.compile(r"(?P<branches>[│├└─ ]*)(?:\| )?(?P<names>\w.*?)(?: {2,}.*)?")
_NAME = re.compile(r"(?P<name>\w+)(?:\((?P<inside>[^)]*)\))?")


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """An exception as it is drawn."""

    name: str
    bases: tuple[str, ...]
    """The one above it in the tree, then those in parentheses."""
    attributes: tuple[str, ...] = ()
    """Named in parentheses, with a dot."""


def entries(tree: str) -> list[Entry]:
    """Every exception of the tree; siblings may stand in one line, separated by `|`."""
    found: list[Entry] = []
    above: dict[int, str] = {}
    for line in tree.splitlines():
        match = _LINE.fullmatch(line)
        assert match, f"not a line of the tree: {line!r}"
        depth = len(match["branches"]) // 4
        for drawn in _NAME.finditer(match["names"]):
            found.append(_entry(drawn, above.get(depth - 1)))
            above[depth] = drawn["name"]
    return found


def _entry(drawn: re.Match[str], parent: str | None) -> Entry:
    inside = [word.strip() for word in (drawn["inside"] or "").split(",") if word.strip()]
    bases = [word for word in inside if not word.startswith(".")]
    attributes = tuple(word.removeprefix(".") for word in inside if word.startswith("."))
    return Entry(drawn["name"], tuple(filter(None, [parent, *bases])), attributes)
