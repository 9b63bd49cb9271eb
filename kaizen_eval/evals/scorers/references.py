"""Text beside text: the nearest of the texts that would do."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from kaizen_eval.evals.scorers.compared import Comparing, Mark
from kaizen_eval.evals.scorers.texts import references, text_or_none
from kaizen_eval.evals.scorers.wording import shown

__all__ = ["Nearest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest(Comparing):
    """A scorer of texts. Where a list is expected, each of its texts would do: the best counts."""

    @abstractmethod
    def beside(self, expected: str, came: str) -> Mark: ...

    def compared(self, expected: Any, came: Any) -> Mark:
        text = text_or_none(came)
        known = list(references(self.kind, expected))
        if text is None or not known:
            return Mark(0.0, f"expected {shown(expected)}, got {shown(came)}, which is no text")
        return max((self.beside(one, text) for one in known), key=lambda mark: mark.value)
