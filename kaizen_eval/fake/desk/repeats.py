"""Repeats: how often each of the latest questions was asked."""

from __future__ import annotations

from collections import OrderedDict

__all__ = ["Repeats"]


class Repeats:
    """Counts each question; one that `most` others were asked since is forgotten, and new when it comes again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._asked: OrderedDict[int, int] = OrderedDict()
        """By the question's hash, not its text, to stay small; the latest asked last."""

    def count(self, question: int) -> int:
        """How often it was asked before this time."""
        before = self._asked.pop(question, 0)
        self._asked[question] = before + 1
        if len(self._asked) > self._most:
            self._asked.popitem(last=False)
        return before
