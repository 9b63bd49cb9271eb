"""Whether a key that a model wrote is one of our field names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

__all__ = ["fold", "resembling", "shares"]


def fold(name: str) -> str:
    """`finalAnswer`, `Final Answer` and `final-answer` are `final_answer`, written differently."""
    return re.sub(r"[\s_-]", "", name).casefold()


def shares(data: Iterable[str], fields: Collection[str]) -> bool:
    """Whether at least one key is a field, in any spelling."""
    folded = {fold(field) for field in fields}
    return any(fold(key) in folded for key in data)


def resembling(names: Collection[str], others: Collection[str]) -> bool:
    """Whether one of the names looks like a slip of the pen for one of the others."""
    return any(get_close_matches(name, others, n=1, cutoff=0.75) for name in names)
