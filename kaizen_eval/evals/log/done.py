"""Which trials of a plan have a record, in as little room as may be: a dict of ids, and a bit for each repeat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from kaizen_eval.evals.trial import Trial

__all__ = ["Done"]


class Done(AbstractSet[Trial]):
    """A set of trials that is told of one trial after the other."""

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}

    def plan(self, case: str) -> bool:
        """False where it is planned already."""
        if case in self._bits:
            return False
        self._bits[case] = 0
        return True

    def planned(self, trial: Trial, repeats: int) -> bool:
        return trial.case in self._bits and 1 <= trial.repeat <= repeats

    def add(self, trial: Trial) -> None:
        self._bits[trial.case] |= 1 << trial.repeat

    def discard(self, trial: Trial) -> None:
        self._bits[trial.case] &= ~(1 << trial.repeat)

    @property
    def cases(self) -> int:
        """Planned."""
        return len(self._bits)

    def missing(self, repeats: int) -> Iterator[Trial]:
        """What is planned and not done, in the order of the plan."""
        for case, bits in self._bits.items():
            for repeat in range(1, repeats + 1):
                if not bits >> repeat & 1:
                    yield Trial(case, repeat)

    def __contains__(self, trial: object) -> bool:
        if not isinstance(trial, tuple):
            return False
        case, repeat = trial
        return bool(self._bits.get(case, 0) >> repeat & 1)

    def __iter__(self) -> Iterator[Trial]:
        for case, bits in self._bits.items():
            yield from (Trial(case, repeat) for repeat in range(1, bits.bit_length()) if bits >> repeat & 1)

    @classmethod
    def _from_iterable(cls, trials: Iterable[Trial]) -> frozenset[Trial]:  # type: ignore[override]  # of a part, no plan
        return frozenset(trials)

    def __len__(self) -> int:
        return sum(bits.bit_count() for bits in self._bits.values())
