"""What is done for each job: whom to ask, how long, and who judges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kaizen_eval.evals.running.tasks import Task
    from kaizen_eval.evals.score import Scorer
    from kaizen_eval.evals.trial import Trial

__all__ = ["Work"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The same for all jobs of an evaluation."""

    task: Task
    scorers: Sequence[Scorer]
    judge: Callable[..., Any]
    outcome_of: Callable[..., Any]
    judges_of: Callable[..., Any]
    """The scorers of a case: these, and its own."""
    timeout: float | None = None
    call_timeout: float | None = None
    exchanges: bool = True
    seed: int = 0
    around: Callable[[Trial], AbstractContextManager[object]] | None = None
    """What each trial is asked and judged in."""
