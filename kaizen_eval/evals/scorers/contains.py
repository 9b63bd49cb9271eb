"""Contains: texts that must stand somewhere in the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from kaizen_eval.evals.scorers.compared import NOTHING, RIGHT, Comparing, Mark
from kaizen_eval.evals.scorers.normal import Ignored, checked_ignored, normal
from kaizen_eval.evals.scorers.texts import text_of, wanted_texts
from kaizen_eval.evals.scorers.wording import shown, together

__all__ = ["Contains"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contains(Comparing):
    """The share of the wanted texts that are in the answer; without `text`, what the case expects is wanted."""

    kind: ClassVar[str] = "contains"
    about: ClassVar[str] = "text"

    text: str | Sequence[str] | None = None
    """One or several."""
    ignore: Sequence[Ignored] = ()

    def __post_init__(self) -> None:
        if self.text is not None:
            object.__setattr__(self, "text", wanted_texts(self.kind, self.text))
        object.__setattr__(self, "ignore", checked_ignored(self.kind, self.ignore))
        Comparing.__post_init__(self)

    def wanted(self) -> Any:
        return NOTHING if self.text is None else self.text

    def compared(self, expected: Any, came: Any) -> Mark:
        texts = [text_of(one) for one in expected] if isinstance(expected, list | tuple) else [text_of(expected)]
        whole = text_of(came)
        hay = normal(whole, self.ignore) if self.ignore else whole
        missing = [text for text in texts if (normal(text, self.ignore) if self.ignore else text) not in hay]
        if not missing:
            return RIGHT
        return Mark(1 - len(missing) / len(texts), f"{together(list(map(shown, missing)))} is not in {shown(whole)}")
