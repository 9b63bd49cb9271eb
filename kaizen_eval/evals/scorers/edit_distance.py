"""Edit distance: how many characters have to be changed, put in or taken out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from kaizen_eval.evals.scorers.compared import RIGHT, Mark
from kaizen_eval.evals.scorers.normal import Ignored, checked_ignored, normal
from kaizen_eval.evals.scorers.references import Nearest
from kaizen_eval.evals.scorers.wording import differing

__all__ = ["EditDistance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditDistance(Nearest):
    """1 less Levenshtein's distance as a share of the longer text: 1 for the same, 0 where nothing is in its place."""

    kind: ClassVar[str] = "edit_distance"

    ignore: Sequence[Ignored] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "ignore", checked_ignored(self.kind, self.ignore))
        Nearest.__post_init__(self)

    def beside(self, expected: str, came: str) -> Mark:
        from rapidfuzz.distance import Levenshtein  # noqa: PLC0415 - a library that only this scorer needs

        one, other = self._form(expected), self._form(came)
        edits = Levenshtein.distance(one, other)
        if not edits:
            return RIGHT
        longest = max(len(one), len(other))
        return Mark(1 - edits / longest, f"{edits} edits in {longest} characters: {differing(expected, came)}")

    def _form(self, text: str) -> str:
        """An é is one character, however it is composed."""
        return normal(text, self.ignore) if self.ignore else unicodedata.normalize("NFC", text)
