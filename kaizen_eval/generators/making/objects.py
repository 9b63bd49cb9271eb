"""Objects that hypothesis draws: the required fields, some of the others, and entries where a map may have them."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.fake.generation.nodes import DEEP
from kaizen_eval.fake.generation.records import Record
from kaizen_eval.generators.making.fitting import brief
from kaizen_eval.generators.making.rows import Of, room

__all__ = ["objects"]

_ENTRIES = 5
"""More entries than these are not made where none are asked for."""


def objects(node: Record, depth: int, of: Of) -> SearchStrategy[dict[str, Any]]:
    """Without optional fields and entries is the simplest."""
    parts = _Parts(
        required={field.name: of(field.node, depth + 1) for field in node.fields if field.required},
        optional={
            field.name: of(field.node, depth + 1)
            for field in node.fields
            if not field.required and field.node.height() < inf
        },
        entries=_entries(node, depth, of),
    )
    if not node.is_map and len(parts.required) >= node.fewest and node.most >= len(node.fields):
        return st.fixed_dictionaries(parts.required, optional=parts.optional if depth < DEEP else {})
    if not parts.required and not parts.optional and parts.entries is not None:
        spare = min(_ENTRIES, room(depth)) if node.is_map else 0
        return _some(parts.entries, node.fewest, int(min(node.most, node.fewest + spare))).map(dict)
    return _filled(node, depth, parts)


@dataclass(frozen=True, slots=True)
class _Parts:
    required: dict[str, SearchStrategy[Any]]
    optional: dict[str, SearchStrategy[Any]]
    entries: SearchStrategy[tuple[str, Any]] | None
    """A name that no declared field has, with a value; None where there are none."""


def _entries(node: Record, depth: int, of: Of) -> SearchStrategy[tuple[str, Any]] | None:
    pairs = [
        st.tuples(of(entries.names, depth + 1).map(str), of(entries.values, depth + 1))
        for entries in node.entries
        if entries.height() < inf
    ]
    if not pairs:
        return None
    declared = {field.name for field in node.fields}
    either = brief(st.one_of(pairs))
    return either.filter(lambda pair: pair[0] not in declared) if declared else either


@st.composite
def _filled(draw: DrawFn, node: Record, depth: int, parts: _Parts) -> dict[str, Any]:
    """The required fields, then some of the optional ones, then entries for those that are still too few."""
    made: dict[str, Any] = draw(st.fixed_dictionaries(parts.required))
    if parts.optional:
        fewest = min(max(0, node.fewest - len(made)), len(parts.optional))
        most = min(fewest if depth >= DEEP else inf, node.most - len(made), len(parts.optional))
        names = draw(st.lists(st.sampled_from([*parts.optional]), unique=True, min_size=fewest, max_size=int(most)))
        made |= {name: draw(parts.optional[name]) for name in names}
    missing = node.fewest - len(made)
    if parts.entries is not None and missing > 0:
        made |= dict(draw(_some(parts.entries, missing, missing)))
    return made


def _some(entries: SearchStrategy[tuple[str, Any]], fewest: int, most: int) -> SearchStrategy[list[tuple[str, Any]]]:
    return st.lists(entries, min_size=fewest, max_size=most, unique_by=lambda pair: pair[0])
