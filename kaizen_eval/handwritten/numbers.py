"""Numbers in files: what their digits mean, as far as a machine can hold it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from kaizen_eval.handwritten.nodes import Spot
from kaizen_eval.handwritten.problems import Problems

__all__ = ["number_of", "with_whole"]

_LONGEST = 300
"""Digits of a number."""


def number_of(written: str, spot: Spot, problems: Problems) -> float:
    """The number, whole where it is written without a point; one that is too large is a problem."""
    try:
        value = float(written) if set(written) & set(".eE") else int(written[: _LONGEST + 1])
    except ValueError:
        problems.add(spot, f"{written[:20]!r} is no number.")
        return 0
    if len(written) <= _LONGEST and math.isfinite(value):
        return value
    problems.add(spot, f"the number {written[:20]}… is too large.")
    return 0


def with_whole(written: Mapping[str, Any]) -> dict[str, Any]:
    """With 2 for 2.0, which JSON takes for the same number."""
    return {name: int(item) if isinstance(item, float) and item % 1 == 0 else item for name, item in written.items()}
