"""What happens in an evaluation, as typed events: engine → events → reporters."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol, runtime_checkable

from kaizen_eval.evals.manifest import Manifest
from kaizen_eval.evals.trial import Trial, TrialRecord

__all__ = ["Ended", "Happening", "Reporter", "Started", "StillRunning", "Stopping", "TrialEnded", "TrialStarted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The plan stands, nothing has run."""

    manifest: Manifest
    planned: int
    """Trials in all."""
    done: int = 0
    """Of them, finished in an earlier run that is resumed."""
    dropped: int = 0
    """Lines of the log that were torn; their trials run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStarted:
    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnded:
    """Its record is in the log."""

    record: TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class StillRunning:
    """The watchdog: nothing has ended for a while."""

    trials: tuple[tuple[Trial, float, str], ...]
    """Each with the seconds it has run, and what it waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """No trial is begun any more; those in flight end, or are cancelled."""

    reason: str
    """A sentence: max_cost is spent, the time is up, Ctrl-C."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Nothing runs any more."""

    planned: int
    done: int
    stopped: str | None = None
    """Why before its end; None where all that was planned has a record."""
    seconds: float = 0.0
    cost: Decimal | None = None
    """USD, of all records; None when one's is unknown."""


Happening = Started | TrialStarted | TrialEnded | StillRunning | Stopping | Ended


@runtime_checkable
class Reporter(Protocol):
    """Anything that tells of an evaluation. It is called on the loop and must not block for long."""

    def on_happening(self, happening: Happening) -> None: ...
