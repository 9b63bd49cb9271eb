"""Texts within a length, those that programs stumble over among them."""

from __future__ import annotations

from functools import lru_cache
from math import inf

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from kaizen_eval.generators.making.awkward import AWKWARD

__all__ = ["texts"]

_LONG = 200
"""Longer texts are not drawn letter by letter."""
_LONGEST_BOUND = 50_000
"""Up to which texts as long as they may be are made."""

_letters = st.characters(codec="utf-8")


@lru_cache(maxsize=256)
def texts(shortest: int = 0, longest: float = inf) -> SearchStrategy[str]:
    """The shortest is the simplest."""
    plain = _plain(shortest, longest)
    special = {name: text for name, text in AWKWARD.items() if shortest <= len(text) <= longest}
    special |= {
        f"{int(bound)} letters": _filled(int(bound)) for bound in (shortest, longest) if 0 < bound <= _LONGEST_BOUND
    }
    return plain | st.sampled_from([*special]).map(special.__getitem__) if special else plain  # by name: it is shown


def _plain(shortest: int, longest: float) -> SearchStrategy[str]:
    if shortest <= _LONG:
        return st.text(_letters, min_size=shortest, max_size=None if longest > _LONG else int(longest))
    return st.text(_letters, min_size=1, max_size=20).map(lambda text: (text * shortest)[:shortest])


def _filled(length: int) -> str:
    return ("abcdefghij" * (length // 10 + 1))[:length]
