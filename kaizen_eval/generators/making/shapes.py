"""A strategy for each node of a compiled schema."""

from __future__ import annotations

import json
from copy import deepcopy
from math import inf
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.errors import ScriptError
from kaizen_eval.fake.generation.moments import Moments
from kaizen_eval.fake.generation.nodes import DEEP, Anything, Checked, Choice, Fixed, Node, Reference
from kaizen_eval.fake.generation.number_texts import NumberTexts
from kaizen_eval.fake.generation.numbers import Numbers
from kaizen_eval.fake.generation.records import Record
from kaizen_eval.fake.generation.rows import Row
from kaizen_eval.fake.generation.strings import Text
from kaizen_eval.generators.making.drawn import Drawn, hashed
from kaizen_eval.generators.making.fitting import Misfit, brief, checked
from kaizen_eval.generators.making.formats import formatted, moments
from kaizen_eval.generators.making.numbers import numbers
from kaizen_eval.generators.making.objects import objects
from kaizen_eval.generators.making.rows import rows
from kaizen_eval.generators.making.texts import texts

__all__ = ["Shapes"]


class Shapes:
    """Strategies of one schema's nodes, each made once for each depth, as deep inside values are smaller."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, int], tuple[Node, SearchStrategy[Any]]] = {}

    def of(self, node: Node, depth: int) -> SearchStrategy[Any]:
        """From the depth DEEP on, values end as soon as the schema lets them."""
        key = id(node), min(depth, DEEP)
        if key not in self._made:
            self._made[key] = node, self._shape(node, min(depth, DEEP))  # a node that is kept keeps its id
        return self._made[key][1]

    def _shape(self, node: Node, depth: int) -> SearchStrategy[Any]:  # noqa: PLR0911 - one line for each kind of node
        if node.height() == inf:
            return st.nothing()
        match node:
            case Reference():
                return st.deferred(lambda: self.of(node.target, depth))
            case Choice():
                return self._choice(node, depth)
            case Checked():
                return checked(self.of(node.node, depth), node.fits, node.make)
            case Record():
                return brief(objects(node, depth, self.of))
            case Row():
                return brief(rows(node, depth, self.of))
        return _leaf(node, depth)

    def _choice(self, node: Choice, depth: int) -> SearchStrategy[Any]:
        possible = node.possible()
        if depth >= DEEP:
            return self.of(possible[0], depth)
        return st.one_of([self.of(branch, depth) for branch in sorted(possible, key=_is_something)])


def _is_something(node: Node) -> bool:
    """Null is the simplest of all."""
    return not (isinstance(node, Fixed) and node.values == (None,))


def _leaf(node: Node, depth: int) -> SearchStrategy[Any]:  # noqa: PLR0911 - one line for each kind of node
    match node:
        case Fixed():
            return _one_of(node.values)
        case Anything():
            return brief(_anything(depth))
        case Numbers():
            return numbers(node)
        case NumberTexts(Numbers() as found):
            return numbers(found).map(json.dumps)
        case Moments():
            return moments(node)
        case Text():
            return formatted(node) if node.format else texts(node.shortest, node.longest)
    return _by_choices(node, depth)


def _one_of(values: tuple[Any, ...]) -> SearchStrategy[Any]:
    if len(values) == 2 and values[0] is True and values[1] is False:
        return st.booleans()
    found = st.sampled_from(values)
    return found.map(deepcopy) if any(isinstance(value, dict | list) for value in values) else found


def _anything(depth: int) -> SearchStrategy[Any]:
    """JSON values, smaller deep inside."""
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts()
    if depth >= DEEP - 1:
        return scalars
    inner, most = brief(_anything(depth + 2)), 4 >> depth // 2
    return scalars | st.lists(inner, max_size=most) | st.dictionaries(texts(), inner, max_size=most)


@st.composite
def _by_choices(draw: DrawFn, node: Node, depth: int) -> Any:
    try:
        return node.make(Drawn.by(draw, depth=depth))
    except ScriptError:
        pass
    try:
        return node.make(hashed(draw))
    except ScriptError as error:
        raise Misfit from error
