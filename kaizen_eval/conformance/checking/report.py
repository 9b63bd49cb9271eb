"""What is told of a check: while it goes on, and when it is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from kaizen_eval.conformance.baseline import Baseline, Comparison
from kaizen_eval.conformance.diagram import Moment
from kaizen_eval.conformance.effort import Effort

__all__ = ["Begun", "CheckReport", "Judged", "LawReport", "Tried", "Verdict"]

Verdict = Literal["kept", "violated", "not applicable", "stopped", "not judged"]
"""Stopped: it could not be judged to the end, as the target hangs, exits or fails in a way that no law knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawReport:
    """What came of one law, as plain data."""

    id: str
    sentence: str
    source: str
    verdict: Verdict
    reason: str = ""
    """Why it is not kept."""
    examples: int = 0
    runs: int = 0
    seconds: float = 0.0
    """Of real time."""
    moments: tuple[Moment, ...] = ()
    """What happened in the smallest situation that was found."""
    test: str = ""
    """The same as a module that pytest can run."""

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> LawReport:
        return cls(**{**data, "moments": tuple(Moment(**moment) for moment in data["moments"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What came of a whole check."""

    target: str
    subject: str
    """Its name."""
    effort: Effort
    seed: int
    laws: tuple[LawReport, ...]
    """In the order of LAWS."""
    notices: tuple[str, ...] = ()
    """What else was seen of the target: that it prints, logs, or leaves threads."""
    measured: Baseline | None = None
    comparison: Comparison | None = None
    """With the accepted figures, where there are some."""

    @property
    def counts(self) -> Counter[Verdict]:
        return Counter(law.verdict for law in self.laws)

    @property
    def is_kept(self) -> bool:
        """Whether every law that applies was judged, and holds."""
        return not {law.verdict for law in self.laws} - {"kept", "not applicable"}

    @property
    def is_regressed(self) -> bool:
        return self.comparison is not None and self.comparison.is_regressed

    @property
    def examples(self) -> int:
        return sum(law.examples for law in self.laws)

    @property
    def runs(self) -> int:
        return sum(law.runs for law in self.laws)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The target has been found."""

    subject: str
    laws: tuple[str, ...]
    """Ids of those that will be judged."""
    examples: int
    """Situations for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A situation of a law begins."""

    law: str
    examples: int
    """So far, those included in which it is shrunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A law is done."""

    law: LawReport
