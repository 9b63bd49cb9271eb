"""An evaluation that has ended, with all that reports of it tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaizen_eval.cli.evaluate.failing import FailingCase
from kaizen_eval.cli.evaluate.gates import Verdict
from kaizen_eval.evals.case import Case
from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.summary import Summary
from kaizen_eval.evals.trial import TrialRecord

if TYPE_CHECKING:
    from kaizen_eval.evals.comparison import Comparison

__all__ = ["Finished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    manifest: Manifest
    summary: Summary
    verdict: Verdict
    failing: Sequence[FailingCase]
    """The first of them."""
    failing_count: int
    """Cases, those that are not shown too."""
    folder: str
    again: str
    """The command that goes on with it."""
    seconds: float
    stopped: str | None
    """Why before its end."""
    notices: Sequence[str]
    comparison: Comparison | None
    """With the baseline; None where there is none, or where it cannot be."""
    cases: Callable[[], Iterator[Case]]
    """Of the log, anew each time."""
    records: Callable[[], Iterator[TrialRecord]]
