"""What a script says, as JSON, to a request of several inputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

__all__ = ["said_of_each"]


def said_of_each(text: str, count: int, *, is_one: Callable[[object], bool]) -> list[Any] | None:
    """One value for all inputs, or a list of one for each; None where it is neither."""
    try:
        said = json.loads(text)
    except ValueError:
        return None
    if is_one(said):
        return [said] * count
    return said if isinstance(said, list) and len(said) == count else None
