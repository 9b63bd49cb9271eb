"""ComingText: a text that is still coming, read from left to right."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import TypeVar

__all__ = ["ComingText", "Unreadable", "Waiting"]

_T = TypeVar("_T")
_SPACES = re.compile(r"[ \t\r\n]*+")
"""Of JSON."""

Waiting = Generator[None, None, _T]
"""What reads it: a generator that pauses wherever it needs more text, and returns what it read."""


class Unreadable(Exception):
    """What came is none of what is read here; nothing that follows is certain."""


class ComingText:
    """The text so far, and how far it has been read."""

    def __init__(self) -> None:
        self.text = ""
        self.at = 0
        self.begin = 0
        """Where the answer begins, if it is all that follows the thinking."""

    def add(self, text: str) -> None:
        self.text += text

    def forget(self) -> None:
        """Let go of what has been read, so that a long text is not copied again with each part of it."""
        self.text = self.text[self.at :]
        self.at = 0

    def take(self, pattern: re.Pattern[str]) -> str:
        """What the pattern matches here; it may match nothing."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def next(self) -> Waiting[str]:
        """The next character that is no space, which stays unread."""
        while True:
            self.take(_SPACES)
            if self.at < len(self.text):
                return self.text[self.at]
            yield from self.more()

    def expect(self, mark: str) -> Waiting[None]:
        if (yield from self.next()) != mark:
            raise Unreadable
        self.at += 1

    def more(self) -> Waiting[None]:
        """Wait for more text, in an object: what was read there is not looked at again."""
        self.forget()
        yield
