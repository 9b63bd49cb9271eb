"""Small readable numbers within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kaizen_eval.fake.generation.source import Source

__all__ = ["Numbers", "numbers"]

_SPAN = 100
"""How many steps a number strays from zero, or from the bound that is nearest to zero."""

_SHARES = (
    "accuracy",
    "certainty",
    "confidence",
    "likelihood",
    "probability",
    "ratio",
    "relevance",
    "score",
    "similarity",
)
"""Words in the name of a number that, unless its schema says more, lies between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers `i * numerator / denominator` for every i of `grid`."""

    grid: Sequence[int]
    numerator: int
    denominator: int

    def make(self, source: Source) -> int | float:
        return self.at(source.pick(self.grid))

    def height(self) -> float:
        return 0 if self.grid else inf

    def at(self, index: int) -> int | float:
        if self.denominator == 1:
            return index * self.numerator
        return index * self.numerator / self.denominator


def numbers(schema: Mapping[str, Any], *, integer: bool, name: str = "") -> Numbers:
    """The numbers that fit the bounds and `multipleOf`; an empty grid where none does."""
    low, high = _window(schema, share=not integer and name.lower().endswith(_SHARES))
    step = _step(schema, low, high, integer=integer)
    found = Numbers(_grid(low, high, step), step.numerator, step.denominator)
    return Numbers(_fitting(found, schema), step.numerator, step.denominator)


def _window(schema: Mapping[str, Any], *, share: bool) -> tuple[Fraction, Fraction]:
    """The bounds; where there are none, a window of small numbers."""
    lows = [_exact(schema[key]) for key in ("minimum", "exclusiveMinimum") if key in schema]
    highs = [_exact(schema[key]) for key in ("maximum", "exclusiveMaximum") if key in schema]
    reach = max(Fraction(_SPAN), _exact(schema.get("multipleOf", 0)) * _SPAN)
    if share and not lows and not highs:
        return Fraction(0), Fraction(1)
    if lows and highs:
        return max(lows), min(highs)
    if lows:
        return max(lows), max(0, *lows) + reach
    if highs:
        return min(0, *highs) - (reach if min(highs) <= 0 else 0), min(highs)
    return Fraction(0), reach


def _step(schema: Mapping[str, Any], low: Fraction, high: Fraction, *, integer: bool) -> Fraction:
    if "multipleOf" in schema:
        step = _exact(schema["multipleOf"])
        return Fraction(step.numerator) if integer else step
    if integer or max(abs(low), abs(high)) > 2**53:
        return Fraction(1)
    decimals = 1
    while (high - low) * 10**decimals < _SPAN // 2 and decimals < 17:
        decimals += 1
    return Fraction(1, 10**decimals)


def _grid(low: Fraction, high: Fraction, step: Fraction) -> range:
    """What lies between the bounds; of a wide range the part that is nearest to zero."""
    first, last = ceil(low / step), floor(high / step)
    if last - first <= 10 * _SPAN:
        return range(first, last + 1)
    if last <= 0:
        return range(last - _SPAN, last + 1)
    start = max(first, 0)
    return range(start, min(start + _SPAN, last) + 1)


def _fitting(found: Numbers, schema: Mapping[str, Any]) -> Sequence[int]:
    """Without what rounding or an exclusive bound puts outside."""
    grid = found.grid
    if isinstance(schema.get("multipleOf"), float):
        return [index for index in grid if _fits(found.at(index), schema) and _divides(found.at(index), schema)]
    while grid and not _fits(found.at(grid[0]), schema):
        grid = grid[1:]
    while grid and not _fits(found.at(grid[-1]), schema):
        grid = grid[:-1]
    return grid


def _fits(value: float, schema: Mapping[str, Any]) -> bool:
    return (
        schema.get("minimum", -inf) <= value <= schema.get("maximum", inf)
        and schema.get("exclusiveMinimum", -inf) < value < schema.get("exclusiveMaximum", inf)
    )  # fmt: skip


def _divides(value: float, schema: Mapping[str, Any]) -> bool:
    """As validators see it, which divide floats: 0.07 is no multiple of 0.01 for them."""
    return (value / schema["multipleOf"]).is_integer()


def _exact(value: float) -> Fraction:
    """0.1 is a tenth here, not the nearest float."""
    return Fraction(repr(value))
