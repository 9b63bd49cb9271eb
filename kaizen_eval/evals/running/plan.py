"""What is planned: each case of a dataset, or of one shard of it, as often as it is to be repeated."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from kaizen_eval.evals.running.executor import Job
from kaizen_eval.evals.running.ledger import Ledger
from kaizen_eval.evals.trial import Trial

if TYPE_CHECKING:
    from kaizen_eval.evals.case import Case
    from kaizen_eval.evals.dataset import Dataset
    from kaizen_eval.evals.shard import Shard

__all__ = ["Plan"]


class Plan:
    """The cases are read anew each time they are asked for: none is kept here."""

    def __init__(self, dataset: Dataset, *, repeats: int, shard: Shard | None) -> None:
        self._dataset = dataset
        self._shard = shard
        self.repeats = repeats

    def cases(self) -> Iterator[Case]:
        """In the order of the dataset."""
        shard = self._shard
        return iter(self._dataset) if shard is None else (case for case in self._dataset if shard.holds(case.id))

    def jobs(self) -> Iterator[Job]:
        """All repeats of a case, then the next case."""
        number = 0
        for case in self.cases():
            for repeat in range(1, self.repeats + 1):
                yield Job(number, case, repeat)
                number += 1

    def ledger(self, done: Collection[Trial]) -> Ledger:
        """Begun with the trials that have a record."""
        cases = len(self._dataset) if self._shard is None else sum(1 for _ in self.cases())
        ledger = Ledger(cases * self.repeats)
        if done:
            for job in self.jobs():
                if job.trial in done:
                    ledger.enter(job.number)
        return ledger

    def named(self, numbers: Iterator[int]) -> Iterator[Trial]:
        """The trials of these numbers, which are in order."""
        wanted = next(numbers, None)
        for job in self.jobs():
            if job.number == wanted:
                yield job.trial
                wanted = next(numbers, None)
