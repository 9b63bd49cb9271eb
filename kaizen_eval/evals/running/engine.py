"""One pass over a plan: jobs to the executor, records to the log, happenings to the reporters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING

from kaizen_eval.errors import CasesMissing, EvaluationError
from kaizen_eval.evals.happening import Ended, Started, Stopping, TrialEnded, TrialStarted
from kaizen_eval.evals.running.brake import Brake
from kaizen_eval.evals.running.keeping import total
from kaizen_eval.evals.running.watchdog import Watchdog
from kaizen_eval.resilience.clock import now_ns

if TYPE_CHECKING:
    from kaizen_eval.evals.running.executor import Executor, Job
    from kaizen_eval.evals.running.keeping import Keeping
    from kaizen_eval.evals.running.ledger import Ledger
    from kaizen_eval.evals.running.plan import Plan
    from kaizen_eval.evals.running.settings import Settings
    from kaizen_eval.evals.running.telling import Telling
    from kaizen_eval.evals.running.work import Work
    from kaizen_eval.evals.trial import TrialRecord

__all__ = ["Engine"]

_SHOWN = 5


class Engine:
    """Runs what is planned and has no record yet; its own part is `Reports`."""

    def __init__(  # noqa: PLR0913 - what one pass is made of
        self,
        *,
        plan: Plan,
        ledger: Ledger,
        work: Work,
        executor: Executor,
        keeping: Keeping,
        telling: Telling,
        settings: Settings,
        dropped: int,
        spent: Decimal | None,
    ) -> None:
        self._plan = plan
        self._ledger = ledger
        self._work = work
        self._executor = executor
        self._keeping = keeping
        self._telling = telling
        self._settings = settings
        self._dropped = dropped
        self._execution: asyncio.Task[None] | None = None
        self._spent = spent
        self.brake = Brake(self._tell_stop, self._cancel)
        self._watchdog = Watchdog(executor.under_way, telling)

    async def run(self) -> Ended:
        """Until all is done, or the brake was pulled.

        Raises:
            CasesMissing: the executor has come to its end, and did not report all that it took.
            EvaluationUnwritable: a record could not be kept.
        """
        started = now_ns()
        manifest, ledger = self._keeping.manifest, self._ledger
        self._telling.tell(Started(manifest=manifest, planned=ledger.planned, done=ledger.done, dropped=self._dropped))
        try:
            self._check_cost("the records that there are")
            await self._executed()
            self._check_missing()
        except BaseException as error:
            self.brake.stop(_why(error))
            with suppress(EvaluationError):  # it is one most likely that is raised already
                self._end(started)
            raise
        return self._end(started)

    def began(self, job: Job) -> None:
        self._telling.tell(TrialStarted(trial=job.trial))

    def ended(self, number: int, record: TrialRecord) -> None:
        if not self._ledger.enter(number):
            return
        self._keeping.write(record)
        self._watchdog.reset()
        self._telling.tell(TrialEnded(record=record))
        self._charge(record)

    async def _executed(self) -> None:
        """The executor's task, which the brake can cancel without cancelling this one."""
        task = self._execution = asyncio.ensure_future(self._executor.execute(self._work, self._jobs(), self))
        timer = self._run_timer()
        self._watchdog.watch()
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            self._cancel()
            await asyncio.wait({task})
            raise
        finally:
            self._watchdog.rest()
            if timer is not None:
                timer.cancel()
        if not task.cancelled():
            task.result()

    def _jobs(self) -> Iterator[Job]:
        """Until the brake is pulled."""
        for job in self._plan.jobs():
            if self.brake.reason is not None:
                return
            if not self._ledger.holds(job.number):
                yield job

    def _run_timer(self) -> asyncio.TimerHandle | None:
        seconds = self._settings.run_timeout
        if seconds is None:
            return None
        reason = f"The evaluation's time is up: run_timeout is {seconds:g} s."
        return asyncio.get_running_loop().call_later(seconds, self.brake.abort, reason)

    def _charge(self, record: TrialRecord) -> None:
        self._spent = total((self._spent, record.cost))
        self._check_cost(str(record.trial))

    def _check_cost(self, whose: str) -> None:
        limit = self._settings.limit
        if limit is None:
            return
        if self._spent is None:
            self.brake.stop(
                f"What {whose} cost is unknown, so that max_cost (${limit}) cannot be kept: give the model's price as "
                "prices={…} in the agent's config."
            )
        elif self._spent >= limit:
            self.brake.stop(f"max_cost is spent: ${self._spent} of ${limit}.")

    def _cancel(self) -> None:
        if self._execution is not None:
            self._execution.cancel()

    def _tell_stop(self, reason: str) -> None:
        self._telling.tell(Stopping(reason=reason))

    def _check_missing(self) -> None:
        """An executor that ended by itself has done all."""
        if self.brake.reason is not None or self._ledger.done == self._ledger.planned:
            return
        missing = tuple(map(str, self._plan.named(self._ledger.missing)))
        more = f", and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        raise CasesMissing(
            f"The executor came to its end without a word on {len(missing)} of {self._ledger.planned} trials: "
            f"{', '.join(missing[:_SHOWN])}{more}.",
            missing=missing,
        )

    def _end(self, started: int) -> Ended:
        ledger, reason = self._ledger, self.brake.reason
        ended = Ended(
            planned=ledger.planned,
            done=ledger.done,
            stopped=None if ledger.done == ledger.planned else reason,
            seconds=round((now_ns() - started) / 1e9, 6),
            cost=self._spent,
        )
        self._keeping.end(ended)
        self._telling.tell(ended)
        return ended


def _why(error: BaseException) -> str:
    """Why it ended before its end, for those who read the log."""
    if isinstance(error, asyncio.CancelledError):
        return "The evaluation was cancelled."
    return f"The evaluation failed: {type(error).__name__}: {error}"
