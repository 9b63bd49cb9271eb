"""What carries trials out: in this process, or elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from kaizen_eval.evals.trial import Trial

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.running.work import Work
    from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Executor", "Job", "Reports"]


class Job(NamedTuple):
    """One trial that is to be done; it can be sent to another process."""

    number: int
    """Its place in the plan, from 0; a report names it."""
    case: Case
    repeat: int

    @property
    def trial(self) -> Trial:
        return Trial(self.case.id, self.repeat)


class Reports(Protocol):
    """Who is told what became of jobs. Called on the evaluation's loop."""

    def began(self, job: Job) -> None: ...

    def ended(self, number: int, record: TrialRecord) -> None:
        """A number that was reported before is passed over: a worker that was thought lost may come back."""


@runtime_checkable
class Executor(Protocol):
    """Takes jobs as it has room for them, and reports each of them once at least.

    What was taken and never reported is found missing by who planned it: an executor need not keep books.
    """

    async def execute(self, work: Work, jobs: Iterator[Job], reports: Reports) -> None:
        """Returns when the jobs are at an end, and all that were taken have been reported.

        That end may come early: when nothing is to be begun any more. Cancelled, it ends what is in flight.
        """

    def under_way(self) -> tuple[tuple[Trial, float, str], ...]:
        """The trials in flight, each with the seconds it has run, and what it waits for."""
        ...
