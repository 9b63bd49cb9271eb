"""Small readable numbers within bounds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

from kaizen_eval.fake.generation.nodes import Never

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kaizen_eval.fake.generation.nodes import Node
    from kaizen_eval.fake.generation.source import Source

__all__ = ["Numbers", "Span", "numbers"]

_SPAN = 100
"""How many steps a number strays from zero, or from the bound that is nearest to zero."""

_MULTIPLES = 20
"""The same for multiples."""

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

_ZERO_TO_ONE = re.compile(r"\b0(?:\.0)? ?(?:-|\u2013|to|and|\.\.) ?1(?:\.0)?(?![\d.]*\d)")

_WHOLE = 2**53
"""Beyond this, floats have no decimal places."""


@dataclass(frozen=True, slots=True)
class Span:
    """All that a schema allows, not only what reads well."""

    least: float | None
    most: float | None
    above: bool = False
    """The least is itself excluded."""
    under: bool = False
    """The most is itself excluded."""
    step: int | None = None
    """Whole multiples of it alone; None for any numbers."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers `i * numerator / denominator` for every i of `grid`."""

    grid: Sequence[int]
    numerator: int
    denominator: int
    span: Span | None = None
    """None where the grid is all that is known to fit."""

    def make(self, source: Source) -> int | float:
        return self.at(source.pick(self.grid))

    def height(self) -> float:
        return 0

    def at(self, index: int) -> int | float:
        if self.denominator == 1:
            return index * self.numerator
        return index * self.numerator / self.denominator


def numbers(schema: Mapping[str, Any], path: str, name: str, *, integer: bool) -> Node:
    """The node for a schema of numbers."""
    low, high = _window(schema, share=not integer and _is_share(name, schema.get("description", "")))
    step = _step(schema, low, high, integer=integer)
    found = Numbers(_grid(low, high, step), step.numerator, step.denominator)
    fitting = _fitting(found, schema)
    if not fitting:
        return Never(path)
    return Numbers(fitting, step.numerator, step.denominator, _span(schema, step, integer=integer))


def _is_share(name: str, description: str) -> bool:
    return name.lower().endswith(_SHARES) or _ZERO_TO_ONE.search(description) is not None


def _window(schema: Mapping[str, Any], *, share: bool) -> tuple[Fraction, Fraction]:
    """The bounds; where there are none, a window of small numbers."""
    low = max((_exact(schema[key]) for key in ("minimum", "exclusiveMinimum") if key in schema), default=None)
    high = min((_exact(schema[key]) for key in ("maximum", "exclusiveMaximum") if key in schema), default=None)
    reach = _exact(schema["multipleOf"]) * _MULTIPLES if "multipleOf" in schema else Fraction(_SPAN)
    if low is not None:
        return low, max(low, Fraction(0)) + reach if high is None else high
    if high is not None:
        return Fraction(0) if high > 0 else high - reach, high
    return Fraction(0), Fraction(1) if share else reach


def _span(schema: Mapping[str, Any], step: Fraction, *, integer: bool) -> Span | None:
    if "multipleOf" in schema and step.denominator != 1:
        return None
    least, above = max(_ends(schema, "minimum", "exclusiveMinimum"), default=(None, False))
    highest = [(end, not excluded) for end, excluded in _ends(schema, "maximum", "exclusiveMaximum")]
    most, included = min(highest, default=(None, True))
    whole = step.numerator if integer or "multipleOf" in schema else None
    return Span(least, most, above=above, under=not included, step=whole)


def _ends(schema: Mapping[str, Any], inclusive: str, exclusive: str) -> list[tuple[float, bool]]:
    """The bounds on one side, each with whether it is itself excluded."""
    return [(schema[key], key == exclusive) for key in (inclusive, exclusive) if key in schema]


def _step(schema: Mapping[str, Any], low: Fraction, high: Fraction, *, integer: bool) -> Fraction:
    """A number's last decimal place: tenths, or as small as it takes to have some choice between the bounds."""
    if "multipleOf" in schema:
        step = _exact(schema["multipleOf"])
        return Fraction(step.numerator) if integer else step
    if integer or max(abs(low), abs(high)) > _WHOLE:
        return Fraction(1)
    if high <= low:
        return Fraction(1, low.denominator)
    decimals = 1
    while (high - low) * 10**decimals < _SPAN // 2:
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
    return bool(
        schema.get("minimum", -inf) <= value <= schema.get("maximum", inf)
        and schema.get("exclusiveMinimum", -inf) < value < schema.get("exclusiveMaximum", inf)
    )  # fmt: skip


def _divides(value: float, schema: Mapping[str, Any]) -> bool:
    """As validators see it, which divide floats: 0.07 is no multiple of 0.01 for them."""
    return float(value / schema["multipleOf"]).is_integer()


def _exact(value: float) -> Fraction:
    """0.1 is a tenth here, not the nearest float."""
    return Fraction(value) if abs(value) > _WHOLE else Fraction(repr(value))
