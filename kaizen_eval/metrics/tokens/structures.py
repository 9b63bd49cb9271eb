"""What was counted of a JSON structure, remembered by what it says, however often it is parsed anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kaizen_eval.metrics.tokens.encoding import Encoding

__all__ = ["CountedStructures"]

_NUMBER = 256
_LONGEST = 16_384
"""Characters; together with the number a bound for the memory, and what is longer is counted each time."""


class CountedStructures:
    """A count of tokens that is taken once for each structure; when too many are known, all are forgotten."""

    def __init__(self, count: Callable[[Mapping[str, Any], Encoding], int]) -> None:
        self._count = count
        self._counts: dict[tuple[str, str], int] = {}

    def __call__(self, structure: Mapping[str, Any], encoding: Encoding) -> int:
        text = repr(structure)  # much quicker than JSON, and tells as much
        key = text, encoding.name
        known = self._counts.get(key)
        if known is not None:
            return known
        count = self._count(structure, encoding)
        if len(text) <= _LONGEST:
            if len(self._counts) >= _NUMBER:
                self._counts.clear()
            self._counts[key] = count
        return count
