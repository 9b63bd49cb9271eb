"""Whether two JSON values are the same."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["json_equal"]


def json_equal(one: object, other: object) -> bool:
    """1 is 1.0, and True is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(json_equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(json_equal, one, other))
    return one == other
