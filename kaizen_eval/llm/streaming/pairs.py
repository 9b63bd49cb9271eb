"""Characters whose two halves (surrogates) come in two parts, as services send them that count as JavaScript does."""

from __future__ import annotations

import re

__all__ = ["ends_in_half", "paired"]

_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def ends_in_half(text: str) -> bool:
    """Whether the last sign is the first half of a character."""
    return "\ud800" <= text[-1:] <= "\udbff"


def paired(text: str) -> str:
    """The text with the halves that stand side by side as one character."""
    return _PAIR.sub(_whole, text)


def _whole(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")
