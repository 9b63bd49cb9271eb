"""What the Responses API remembers: the latest responses, and the conversations that led to them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kaizen_eval.fake.inquiry import Inquiry
from kaizen_eval.fake.model.completion import Completion
from kaizen_eval.fake.wire.responses.items import Item
from kaizen_eval.fake.wire.responses.listing import identified
from kaizen_eval.fake.wire.responses.output import encode_output
from kaizen_eval.fake.wire.responses.request import Kept

__all__ = ["ITEM", "MOST_CHARACTERS", "MOST_RESPONSES", "Key", "State", "Stored", "StoredResponses"]

MOST_RESPONSES = 1_000
"""After so many others a response is forgotten, as if it had been deleted."""
MOST_CHARACTERS = 16_000_000
"""Of all of them, see `Stored.characters`; a response that is longer is kept as long as it is the latest one."""
ITEM = 100
"""As how many characters an item of a conversation counts: its text is kept once, and it in each response after it."""

Key = tuple[str | None, str]
State = Literal["done", "queued", "cancelled"]


@dataclass(frozen=True, slots=True)
class Stored:
    """One response."""

    completion: Completion
    inquiry: Inquiry
    state: State = "done"

    @property
    def key(self) -> Key:
        """Whose it is, and its id."""
        return self.inquiry.request.session_id, f"resp_{self.completion.mark}"

    def input(self) -> tuple[Item, ...]:
        """What was said before it, the earliest first."""
        return identified(self.inquiry.items, self.completion.mark)

    def output(self) -> Sequence[Item]:
        return () if self.state == "cancelled" else encode_output(self.completion, self.inquiry)

    def characters(self) -> int:
        """About as many as it keeps beside those before it: its request, what is said, its place in a conversation."""
        said = "".join(choice.text or "" for choice in self.completion.choices)
        return len(repr(self.inquiry.body)) + len(said) + ITEM * len(self.inquiry.items)


class StoredResponses:
    """Bounded, and safe for threads; a session finds its own responses alone."""

    def __init__(self, most: int = MOST_RESPONSES, most_characters: int = MOST_CHARACTERS) -> None:
        self._most = most
        self._most_characters = most_characters
        self._lock = threading.Lock()
        self._stored: dict[Key, Stored] = {}
        self._sizes: dict[Key, int] = {}
        self._characters = 0

    def __len__(self) -> int:
        return len(self._stored)

    def keep(self, stored: Stored) -> None:
        """The latest response; what was kept under its id is replaced."""
        with self._lock:
            self._forget(stored.key)
            self._stored[stored.key] = stored
            self._sizes[stored.key] = stored.characters()
            self._characters += self._sizes[stored.key]
            while len(self._stored) > 1 and self._is_too_full():
                self._forget(next(iter(self._stored)))

    def find(self, session_id: str | None, response_id: str) -> Stored | None:
        return self._stored.get((session_id, response_id))

    def settle(self, stored: Stored, state: State) -> Stored:
        """Ends the waiting of a response that is queued, and of no other; how it is from now on."""
        with self._lock:
            latest = self._stored.get(stored.key, stored)
            if latest.state == "queued":
                latest = replace(latest, state=state)
                self._stored[stored.key] = latest
            return latest

    def remove(self, stored: Stored) -> None:
        with self._lock:
            self._forget(stored.key)

    def clear(self) -> None:
        with self._lock:
            self._stored.clear()
            self._sizes.clear()
            self._characters = 0

    def seen_by(self, session_id: str | None) -> Kept:
        return _Seen(self, session_id)

    def _forget(self, key: Key) -> None:
        self._stored.pop(key, None)
        self._characters -= self._sizes.pop(key, 0)

    def _is_too_full(self) -> bool:
        return len(self._stored) > self._most or self._characters > self._most_characters


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one session finds."""

    stored: StoredResponses
    session_id: str | None

    def conversation(self, response_id: str) -> tuple[Item, ...] | None:
        found = self.stored.find(self.session_id, response_id)
        return None if found is None else (*found.input(), *found.output())

    def item(self, item_id: str) -> Item | None:
        """By the mark in its id, which is that of its response."""
        mark = item_id.partition("_")[2].partition("_")[0]
        for item in self.conversation(f"resp_{mark}") or ():
            if item["id"] == item_id:
                return item
        return None
