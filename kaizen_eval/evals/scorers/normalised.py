"""Normalised text: the same but for case, space, and the marks around words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from kaizen_eval.evals.scorers.compared import RIGHT, Mark
from kaizen_eval.evals.scorers.normal import USUAL, Ignored, checked_ignored, normal
from kaizen_eval.evals.scorers.references import Nearest
from kaizen_eval.evals.scorers.wording import differing

__all__ = ["Normalised"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised(Nearest):
    """1 where the texts are the same in normal form, else 0."""

    kind: ClassVar[str] = "normalised"

    ignore: Sequence[Ignored] = USUAL

    def __post_init__(self) -> None:
        object.__setattr__(self, "ignore", checked_ignored(self.kind, self.ignore))
        Nearest.__post_init__(self)

    def beside(self, expected: str, came: str) -> Mark:
        same = normal(expected, self.ignore) == normal(came, self.ignore)
        return RIGHT if same else Mark(0.0, differing(expected, came))
