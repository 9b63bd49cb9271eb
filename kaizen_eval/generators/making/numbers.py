"""Numbers of all sizes within the bounds of a node."""

from __future__ import annotations

from math import ceil, floor, inf, nextafter
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.fake.generation.numbers import Numbers, Span

__all__ = ["numbers"]


def numbers(node: Numbers) -> SearchStrategy[Any]:
    """Zero, or what is nearest to it, is the simplest."""
    readable = st.sampled_from(node.grid).map(node.at)
    if node.span is None:
        return readable
    if node.span.step is not None:
        return _multiples(node.span, node.span.step)
    return _floats(node.span) | readable


def _multiples(span: Span, step: int) -> SearchStrategy[int]:
    first = None if span.least is None else _ceil(span.least, step)
    last = None if span.most is None else _floor(span.most, step)
    if first is not None and span.above and first * step == span.least:
        first += 1
    if last is not None and span.under and last * step == span.most:
        last -= 1
    found = st.integers(first, last)
    return found if step == 1 else found.map(lambda count: count * step)


def _ceil(bound: float, step: int) -> int:
    return -(-ceil(bound) // step)


def _floor(bound: float, step: int) -> int:
    return floor(bound) // step


def _floats(span: Span) -> SearchStrategy[float]:
    low = None if span.least is None else _within(span.least, inf)
    high = None if span.most is None else _within(span.most, -inf)
    return st.floats(
        low,
        high,
        exclude_min=span.above and low == span.least,
        exclude_max=span.under and high == span.most,
        allow_nan=False,
        allow_infinity=False,
    )


def _within(bound: float, towards: float) -> float:
    """The float at the bound, or next to it on the side that is allowed: a large int is seldom a float."""
    found = float(bound)
    outside = found < bound if towards > 0 else found > bound
    return nextafter(found, towards) if outside else found
