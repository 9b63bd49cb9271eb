"""How many tokens a model thinks before it answers: made up, and the same each time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b

__all__ = ["BLOCK", "EFFORTS", "reasoning_tokens", "usual_effort"]

BLOCK = 64
"""Reasoning comes in multiples of so many tokens, as the real service bills it."""
EFFORTS: Mapping[str, tuple[int, int]] = {
    "none": (0, 0),
    "minimal": (0, 0),
    "low": (1, 2),
    "medium": (3, 8),
    "high": (9, 24),
    "xhigh": (25, 48),
    "max": (49, 96),
}
"""The fewest and the most blocks for each effort: round figures, so that more effort always thinks longer."""

_REASONS = re.compile(r"(?:.*/)?(?:ft:)?(?:o[134](?![a-z0-9])|gpt-5(?!-chat|[\d]))")
"""Reasoning models by name, with a provider's prefix or without: o1, o3, o4 and gpt-5, but not gpt-5-chat-latest."""
_NOT_UNLESS_ASKED = re.compile(r"(?:.*/)?(?:ft:)?gpt-5\.\d")
"""From gpt-5.1 on, the effort is "none" when a request names none."""


def usual_effort(model: str | None) -> str:
    """What a model does when a request asks for no effort: "medium" for reasoning models, "none" for all others."""
    name = model or ""
    return "medium" if _REASONS.match(name) and not _NOT_UNLESS_ASKED.match(name) else "none"


def reasoning_tokens(model: str | None, effort: str | None, *, key: str) -> int:
    """What is thought: none by models that do not reason, unless the request asks for an effort.

    Args:
        model: as the request names it.
        effort: what the request asks for; an effort that nobody knows is "medium".
        key: another key, another number within the effort's bounds.
    """
    fewest, most = EFFORTS.get(effort or usual_effort(model), EFFORTS["medium"])
    if not most:
        return 0
    drawn = int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")
    return BLOCK * (fewest + drawn % (most - fewest + 1))
