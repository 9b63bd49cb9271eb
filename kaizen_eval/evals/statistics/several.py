"""Several questions asked at once: p values that allow for it."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["holm"]


def holm(p_values: Sequence[float]) -> list[float]:
    """Each p value adjusted, in the order given: what stays below 5 % is so with all questions together at most 5 %
    wrong once (S. Holm, Scandinavian Journal of Statistics 6, 1979). No independence is assumed. Of none: none.

    Raises:
        ValueError: one is not from 0 to 1.
    """
    for p in p_values:
        if not 0 <= p <= 1:
            raise ValueError(f"{p!r} is no p value: expected a number from 0 to 1.")
    adjusted = [0.0] * len(p_values)
    reached = 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        reached = max(reached, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = reached
    return adjusted
