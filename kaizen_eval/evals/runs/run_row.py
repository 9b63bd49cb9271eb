"""What a list of evaluations tells of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from kaizen_eval.evals.log.layout import Layout, Part, listed, optional
from kaizen_eval.evals.log.values import plain

__all__ = ["ROW", "STATES", "RunRow"]

STATES: Final = ("complete", "incomplete", "running", "unreadable")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run folder: what was asked of whom, and what came of it."""

    folder: str
    """From the runs folder on."""
    state: str = "complete"
    """One of `STATES`: incomplete ones were killed or stopped, and can be gone on with."""
    why: str = ""
    """Why it is incomplete or cannot be read."""
    id: str = ""
    created: str = ""
    """ISO 8601, UTC."""
    dataset: str = ""
    dataset_hash: str = ""
    task: str = ""
    strategy: str | None = None
    model: str | None = None
    cassette_hash: str | None = None
    scorers: tuple[Mapping[str, Any], ...] = ()
    """Each as a dataset file would write it."""
    repeats: int = 1
    shard: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    cases: int = 0
    trials: int = 0
    """Planned."""
    done: int = 0
    passed: int = 0
    unjudged: int = 0
    """Trials that say nothing of the agent: they failed outside of it, or could not be scored."""
    pass_rate: float | None = None
    """Of what was planned: at least so much, where it is incomplete, or trials could not be judged."""
    score: float | None = None
    """Mean."""
    means: Mapping[str, float] = field(default_factory=dict)
    """By scorer."""
    tokens: int = 0
    cost: Decimal | None = None
    """USD; None when that of a trial is unknown."""
    latency: float | None = None
    """Median, in milliseconds."""
    seconds: float | None = None
    """None where nobody could say at its end."""
    bytes: int = 0


_VALUE = Part(plain, lambda raw: raw)
_EXACT = optional(Part(str, Decimal))
ROW: Final = Layout(RunRow, labels=_VALUE, means=_VALUE, scorers=listed(_VALUE), cost=_EXACT)
"""As the index keeps it."""
