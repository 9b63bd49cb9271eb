"""Carries trials out in this process: so many at a time, on the running loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaizen_eval.evals.running.under_way import UnderWay

if TYPE_CHECKING:
    from kaizen_eval.evals.running.executor import Job, Reports
    from kaizen_eval.evals.running.work import Work
    from kaizen_eval.evals.trial import Trial

__all__ = ["InProcess"]


class InProcess:
    """As many workers as trials may run at a time; each takes the next job when it has done one."""

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._under_way: dict[int, UnderWay] = {}
        self.left: list[UnderWay] = []
        """Trials that go on although they were cancelled."""

    async def execute(self, work: Work, jobs: Iterator[Job], reports: Reports) -> None:
        workers = [asyncio.ensure_future(self._work(work, jobs, reports)) for _ in range(self._concurrency)]
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)
        for worker in workers:
            if not worker.cancelled():
                worker.result()

    async def _work(self, work: Work, jobs: Iterator[Job], reports: Reports) -> None:
        for job in jobs:
            reports.began(job)
            trial = self._under_way[job.number] = UnderWay(work, job)
            try:
                record = await trial.record()
            finally:
                del self._under_way[job.number]
                if trial.left is not None:
                    self.left.append(trial)
            reports.ended(job.number, record)

    def under_way(self) -> tuple[tuple[Trial, float, str], ...]:
        return tuple((each.trial, each.seconds, each.waits_for) for each in self._under_way.values())
