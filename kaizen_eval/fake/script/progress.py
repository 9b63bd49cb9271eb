"""How far each conversation has come in the script."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

__all__ = ["FRESH", "START", "Conversations", "Progress"]

START = "start"
"""The state of a conversation that no rule has led on."""


@dataclass(slots=True)
class Progress:
    """Of one conversation."""

    state: str = START
    uses: dict[int, int] = field(default_factory=dict)
    """By rule: how often this conversation used it."""
    met: dict[int, int] = field(default_factory=dict)
    """By rule that counts: how many requests met its other conditions."""


FRESH = Progress()
"""Of a conversation that has not begun; never written to."""


class Conversations:
    """The progress of the latest conversations; one that `most` others followed is forgotten, and begins anew."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[bytes, Progress] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def look(self, key: bytes) -> Progress:
        """Only to read."""
        return self._known.get(key, FRESH)

    def take(self, key: bytes) -> Progress:
        """To be written to."""
        progress = self._known.pop(key, None) or Progress()
        self._known[key] = progress
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return progress
