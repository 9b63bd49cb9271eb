"""Number within tolerance."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from kaizen_eval.checks import flag, number
from kaizen_eval.evals.scorers.compared import RIGHT, Comparing, Mark
from kaizen_eval.evals.scorers.wording import shown

__all__ = ["Number"]

_IN_TEXT = re.compile(
    r"(?<![\w.])[+\-\u2212]?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?|(?<![\w.])[+\-\u2212]?\.\d+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Comparing):
    """1 where the number is as near to the expected one as the greater of both tolerances, bounds included; else 0.

    Numbers are taken as they are written: 1.3 is within 0.1 of 1.2.
    """

    kind: ClassVar[str] = "number"

    absolute: float = 0.0
    relative: float = 1e-9
    """Of the expected number."""
    in_text: bool = False
    """Of a text, the last number in it counts, as in "So it is 1,234.50 EUR."; else all of it must be one."""

    def __post_init__(self) -> None:
        number("absolute of number", self.absolute, least=0)
        number("relative of number", self.relative, least=0)
        flag("in_text of number", self.in_text)
        Comparing.__post_init__(self)

    def compared(self, expected: Any, came: Any) -> Mark:
        wanted, found = _exact(expected), self._read(came)
        if wanted is None:
            raise TypeError(f"number compares numbers; what is expected is {expected!r}")
        if found is None:
            return Mark(0.0, f"expected {shown(expected)}, got {shown(came)}, which is no number")
        tolerance = max(_bound(self.absolute), _bound(self.relative) * abs(wanted))
        off = abs(found - wanted)
        if off <= tolerance:
            return RIGHT
        return Mark(0.0, f"expected {expected} ± {_short(tolerance)}, got {shown(came)}, which is {_short(off)} off")

    def _read(self, came: Any) -> Fraction | None:
        if not isinstance(came, str):
            return _exact(came)
        found = _IN_TEXT.findall(came) if self.in_text else [came.strip()]
        return _of_text(found[-1].replace(",", "") if self.in_text else found[-1]) if found else None


def _exact(value: Any) -> Fraction | None:
    """As it is written; None of what is no finite number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    is_number = isinstance(value, float | Decimal) and math.isfinite(value)
    return Fraction(str(value)) if is_number else None


def _of_text(text: str) -> Fraction | None:
    try:
        value = float(text.replace("\u2212", "-"))
    except ValueError:
        return None
    return _exact(value)


def _bound(tolerance: float) -> Fraction:
    return Fraction(str(tolerance)) if math.isfinite(tolerance) else Fraction(10) ** 400


def _short(value: Fraction) -> str:
    try:
        return f"{float(value):.6g}"
    except OverflowError:
        return "more than 1e308"
