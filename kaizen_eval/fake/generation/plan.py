"""Makes values of a schema, checked by a validator where no construction can promise that they fit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generation.checks import accepts, canonical, unsatisfiable
from kaizen_eval.fake.generation.compile import compiled
from kaizen_eval.fake.generation.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kaizen_eval.fake.generation.merge import Schema
    from kaizen_eval.fake.generation.nodes import Node

__all__ = ["Plan", "Tried", "planned"]

_CANDIDATES = 24
"""How many values of each node are tried at most."""
_PROBES = 4
"""How many values decide whether a schema's own node is worth trying first."""


class Plan(Protocol):
    """Makes values of one schema."""

    def make(self, source: Source) -> Any: ...


def planned(schema: Schema) -> Node | Tried:
    """Raises ScriptError when the schema is no JSON Schema, or when nothing can fit it."""
    try:
        whole = compiled(schema)
    except (AttributeError, KeyError, ScriptError, TypeError, ValueError):
        return _tried(schema, ())  # whatever is wrong with the schema, the validator says it best
    return whole.node if whole.exact else _tried(schema, (whole.node,))


def _tried(schema: Schema, nodes: tuple[Node, ...]) -> Tried:
    """As written, names and order are the author's; in canonical form, fewer keywords are in each other's way."""
    fits = accepts(schema)
    if any(fits(value) for node in nodes for value in _values(node, Source.of("probe"), _PROBES)):
        return Tried(nodes, fits)
    if places := unsatisfiable(schema):
        contradictions = ", ".join(f"#{place}" for place in places)
        raise ScriptError(f"no value fits the schema: it contradicts itself at {contradictions}")
    return Tried((*_canonical_nodes(schema), *nodes), fits)


def _canonical_nodes(schema: Schema) -> tuple[Node, ...]:
    try:
        return (compiled(canonical(schema)).node,)
    except (ScriptError, ValueError):  # it has no canonical form, or one that refers to other documents
        return ()


@dataclass(frozen=True, slots=True)
class Tried:
    """Tries the values of one node after the other."""

    nodes: tuple[Node, ...]
    fits: Callable[[Any], bool]

    def make(self, source: Source) -> Any:
        """The first attempt gets the first value that fits, the second one the next that differs, and so on."""
        found: dict[str, Any] = {}
        for value in self._candidates(source):
            if self.fits(value):
                found.setdefault(json.dumps(value, sort_keys=True), value)
            if len(found) > source.attempt:
                break
        if not found:
            tried = _CANDIDATES * len(self.nodes)
            raise ScriptError(f"none of {tried} values fits the schema; script a reply for it with .reply(…)")
        return list(found.values())[source.attempt % len(found)]

    def _candidates(self, source: Source) -> Iterator[Any]:
        for node in self.nodes:
            yield from _values(node, source, _CANDIDATES)


def _values(node: Node, source: Source, most: int) -> Iterator[Any]:
    for number in range(most):
        try:
            yield node.make(source.first_attempt(f"candidate {number}"))
        except ScriptError:  # this draw led to where nothing fits
            continue
