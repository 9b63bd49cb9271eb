"""One trial under way: asks each turn, has the answer judged, and ends in a record whatever happens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kaizen_eval.draws import drawn
from kaizen_eval.evals.answer import Answer, AnsweredTurn
from kaizen_eval.evals.outcome import Outcome
from kaizen_eval.evals.running.answering import answered_turn
from kaizen_eval.evals.running.case_limits import beyond, is_limited
from kaizen_eval.evals.running.failing import failure_of, outcome_by
from kaizen_eval.evals.running.left_behind import leave
from kaizen_eval.evals.running.thread_place import thread_place
from kaizen_eval.evals.running.witness import Witness
from kaizen_eval.evals.score import Scored, Scorer
from kaizen_eval.evals.trial import Failure, TrialRecord
from kaizen_eval.resilience.clock import now_ns, wall_time
from kaizen_eval.resilience.deadlock import place
from kaizen_eval.witnesses import witnessed_by

if TYPE_CHECKING:
    from kaizen_eval.evals.case import CaseTurn, Limits
    from kaizen_eval.evals.running.executor import Job
    from kaizen_eval.evals.running.work import Work
    from kaizen_eval.evals.trial import Trial

__all__ = ["GRACE", "UnderWay"]

GRACE = 5.0
"""Seconds that a trial gets for its clean-up after it was cancelled, before it is left behind."""


class UnderWay:
    """A trial from its beginning to its record."""

    def __init__(self, work: Work, job: Job) -> None:
        self.work = work
        self.case = job.case
        self.trial = job.trial
        self.began = wall_time()
        self.began_ns = now_ns()
        self.left: asyncio.Task[TrialRecord] | None = None
        """What goes on although it was cancelled."""
        self._turns: list[AnsweredTurn] = []
        self._witness: Witness | None = None
        self._turn_ns = 0
        self._answer: Answer | None = None
        self._cut: tuple[Outcome, Failure] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._task: asyncio.Task[TrialRecord] | None = None
        self._ended: asyncio.Future[None] = self._loop.create_future()

    @property
    def seconds(self) -> float:
        """It has run so far."""
        return (now_ns() - self.began_ns) / 1e9

    @property
    def waits_for(self) -> str:
        """In words: a model, a tool, or a line of the user's."""
        if self._task is None:
            return "has not begun"
        if asyncio.current_task(self._loop) is self._task:
            return f"lets nothing else run on the event loop, at {thread_place(self._thread)}: it computes, or blocks"
        if self._witness is not None and (told := self._witness.waits_for):
            return told
        thread = self.work.task.place_in_thread(self._task)
        return f"waits at {place(self._task)}" if thread is None else f"runs in its thread, at {thread}"

    async def record(self) -> TrialRecord:
        """What became of it. Cancelled, it ends what it began first."""
        task = self._task = self._loop.create_task(self._run(), name=f"trial {self.trial}")
        task.add_done_callback(self._finish)
        try:
            await self._ended
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task}, timeout=GRACE)
            self._leave_behind()
            raise
        finally:
            self._disarm()
        self._leave_behind()
        if self._cut is not None:
            return self._cut_off(*self._cut)
        if task.cancelled():
            return self._failed(
                Outcome.TASK_ERROR, Failure(type="CancelledError", message="The task cancelled itself.")
            )
        return self._ended_by_itself(task)

    def _ended_by_itself(self, task: asyncio.Task[TrialRecord]) -> TrialRecord:
        try:
            return task.result()
        except Exception as error:  # noqa: BLE001 - of what stands around a trial; the others go on
            return self._failed(Outcome.TASK_ERROR, failure_of(error))

    async def _run(self) -> TrialRecord:
        around = self.work.around or _nothing_around
        number = self.work.seed * _SEEDS_APART + self.trial.repeat - 1
        with around(self.trial), drawn(number, f"{self.work.seed}:{self.trial}"):
            return await self._tried()

    async def _tried(self) -> TrialRecord:
        work = self.work
        limits = self.case.limits
        self._arm(_least(work.timeout, limits.seconds), "trial")
        try:
            for turn in self.case.asked:
                await self._ask(turn, limits)
        except (asyncio.CancelledError, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a task raises, SystemExit included, becomes a row of the log
            return self._failed(outcome_by(error), failure_of(error))
        self._disarm()
        if self._cut is not None:
            return self._cut_off(*self._cut)
        return await self._judged(self._answered())

    async def _ask(self, turn: CaseTurn, limits: Limits) -> None:
        work, case = self.work, self.case
        limited = is_limited(limits)
        self._witness = witness = Witness(
            self.began_ns / 1e9,
            exchanges=work.exchanges,
            on_spent=self._on_spent if limited else None,
            names=work.task.agents,
        )
        self._turn_ns = now_ns()
        call_timer = None
        if work.call_timeout is not None:
            call_timer = self._loop.call_later(work.call_timeout, self._late, "call", work.call_timeout)
        outputs: Mapping[str, Any] = {}
        try:
            with witnessed_by(witness):
                session = str(self.trial) if case.turns else None
                outputs = await work.task.ask(turn.inputs, session, _bare(turn))
        finally:
            if call_timer is not None:
                call_timer.cancel()
            self._close_turn(outputs)
        if limited:
            self._check_limits()

    def _close_turn(self, outputs: Mapping[str, Any]) -> None:
        witness, self._witness = self._witness, None
        if witness is None:
            return
        at = (self._turn_ns - self.began_ns) / 1e6
        self._turns.append(answered_turn(witness, outputs, at=at, ms=(now_ns() - self._turn_ns) / 1e6))

    async def _judged(self, answer: Answer) -> TrialRecord:
        self._answer = answer
        self._arm(self.work.timeout, "scoring")
        try:
            scores = await self.work.judge(self._scorers, self.case, answer)
            outcome = self.work.outcome_of(scores)
        except (asyncio.CancelledError, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - a scorer must not end the process, either
            scores, outcome = self._unjudged(failure_of(error)), Outcome.SCORER_ERROR
        return TrialRecord(trial=self.trial, outcome=outcome, scores=scores, answer=answer, began=self.began)

    @property
    def _scorers(self) -> Sequence[Scorer]:
        return self.work.judges_of(self.work.scorers, self.case) if self.case.scorers else self.work.scorers

    def _answered(self) -> Answer:
        return Answer(turns=tuple(self._turns), ms=round((now_ns() - self.began_ns) / 1e6, 3))

    def _failed(self, outcome: Outcome, failure: Failure) -> TrialRecord:
        answer = self._answered()
        return TrialRecord(trial=self.trial, outcome=outcome, answer=answer, failure=failure, began=self.began)

    def _cut_off(self, outcome: Outcome, failure: Failure) -> TrialRecord:
        if self._answer is None:
            self._close_turn({})
            return self._failed(outcome, failure)
        return TrialRecord(
            trial=self.trial,
            outcome=Outcome.SCORER_ERROR,
            scores=self._unjudged(failure),
            answer=self._answer,
            began=self.began,
        )

    def _unjudged(self, failure: Failure) -> tuple[Scored, ...]:
        error = f"{failure.type}: {failure.message}"
        return tuple([Scored(scorer=each.name, value=None, passed=None, error=error) for each in self._scorers])

    def _arm(self, seconds: float | None, what: str) -> None:
        if seconds is not None:
            self._timer = self._loop.call_later(seconds, self._late, what, seconds)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self, what: str, seconds: float) -> None:
        text = f"{_LATE[what]} of {seconds:g} s: it {self.waits_for}."
        self._end(Outcome.TIMEOUT, Failure(type="TimeoutError", message=text))

    def _end(self, outcome: Outcome, failure: Failure) -> None:
        """Cut it off; once."""
        if self._cut is None and self._task is not None and not self._task.done():
            self._cut = (outcome, failure)
            self._task.cancel()
            self._loop.call_later(GRACE, self._finish)

    def _on_spent(self) -> None:
        """From whatever thread the run is in."""
        if asyncio._get_running_loop() is self._loop:  # noqa: SLF001 - None outside of loops, where its sister raises
            self._check_limits()
        else:
            self._loop.call_soon_threadsafe(self._check_limits)

    def _check_limits(self) -> None:
        now = () if self._witness is None else (self._witness,)
        found = beyond(
            self.case.limits,
            attempts=sum(len(turn.attempts) for turn in self._turns) + sum(each.attempts_begun for each in now),
            tokens=sum(turn.usage.total for turn in self._turns) + sum(each.usage.total for each in now),
            costs=[turn.cost for turn in self._turns] + [each.cost for each in now],
        )
        if found is not None:
            self._end(*found)

    def _finish(self, _: object = None) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _leave_behind(self) -> None:
        if self._task is not None and not self._task.done():
            self.left = self._task
            leave(self.left)
            if self._cut is not None:
                outcome, failure = self._cut
                self._cut = outcome, replace(failure, message=f"{failure.message} {_LEFT}")


_SEEDS_APART = 1_000_000
_LEFT = f"It did not end in the {GRACE:g} s after it was cancelled, and was left behind."
_LATE = {
    "call": "The run did not finish within call_timeout",
    "scoring": "The scorers did not finish within the timeout",
    "trial": "The trial did not finish within its timeout",
}


def _nothing_around(_: Trial) -> AbstractContextManager[object]:
    return nullcontext()


def _least(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _bare(turn: CaseTurn) -> str:
    """What a bare value is called where no signature says so."""
    expected = tuple(turn.expected or ())
    return expected[0] if len(expected) == 1 else "response"
