"""Texts of a format: moments over their whole range, others as the fake writes them."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from kaizen_eval.fake.generation.moments import Moments, any_moment
from kaizen_eval.fake.generation.source import Source
from kaizen_eval.fake.generation.strings import Text
from kaizen_eval.generators.making.drawn import Drawn
from kaizen_eval.generators.making.fitting import checked

__all__ = ["formatted", "moments"]


def formatted(node: Text) -> SearchStrategy[str]:
    """Within the node's length, too."""
    found = any_moment(node.format)
    strategy = _spoken(node.spoken) if found is None else moments(found)
    if node.shortest == 0 and node.longest >= 100:
        return strategy
    return checked(strategy, lambda text: node.shortest <= len(text) <= node.longest, node.make)


def moments(node: Moments) -> SearchStrategy[str]:
    """What is nearest to the year 1970, or to no time, is the simplest."""
    usual = st.integers(node.first, node.last).map(lambda count: node.write(count * node.step))
    least, most = -(-node.least // node.finest), node.most // node.finest
    exact = st.integers(least, most) | st.sampled_from((least, most))
    return usual | exact.map(lambda count: node.write(count * node.finest))


@st.composite
def _spoken(draw: DrawFn, spoken: Callable[[Source], str]) -> str:
    return spoken(Drawn.by(draw, depth=0))
