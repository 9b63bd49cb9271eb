"""Order: what is to be checked, and how."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from kaizen_eval.conformance.effort import Effort

__all__ = ["Order"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Plain data, which crosses into another process."""

    target: str
    """`module:Name`."""
    signature: str | None = None
    """The only one that it can work with, as `module:Class`; None where any will do."""
    effort: Effort = "fast"
    seed: int = 0
    """Of the situations."""
    laws: tuple[str, ...] = ()
    """Ids of those that are meant; none means all."""
    baseline_seed: int | None = None
    """With which the figures for a baseline are measured; None: they are not."""
    workers: int = 0
    """Laws that are judged at the same time; 0: as many as there are cores. What comes of it does not depend on it."""
    hang_after: float = 20.0
    """Seconds of real time after which one situation counts as hanging."""
    law_limit: float | None = None
    """Seconds of real time for one law; None: by the effort."""

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Order:
        data = json.loads(text)
        return cls(**{**data, "laws": tuple(data["laws"])})

    @property
    def forks(self) -> int:
        return self.workers or os.cpu_count() or 1

    @property
    def seconds_of_a_law(self) -> float:
        return self.law_limit or {"fast": 60.0, "thorough": 600.0}[self.effort]
