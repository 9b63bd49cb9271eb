"""What statistics are asked for with: refused where no answer would mean anything."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["checked_probability", "checked_values"]


def checked_values(values: Sequence[float], *, what: str = "differences") -> None:
    """Lets pass what a mean can be computed of.

    Raises:
        ValueError: there is none, or one is not finite.
    """
    if not values:
        raise ValueError(f"No {what}: there is nothing to compute from. Are there cases that both sides have scored?")
    for at, value in enumerate(values):
        if not math.isfinite(value):
            raise ValueError(
                f"Of the {what} number {at + 1} of {len(values)} is {value!r}, expected a finite number: "
                f"leave cases without a score out, and say how many."
            )


def checked_probability(value: float, *, what: str) -> float:
    """The value, where it is between 0 and 1.

    Raises:
        ValueError: it is not, such as a percentage.
    """
    if not 0 < value < 1:
        percentage = f"; did you mean {value / 100:g}?" if 1 < value < 100 else "."
        raise ValueError(f"{what}={value!r} is not between 0 and 1{percentage}")
    return value
