"""What the repeats of cases tell together; a case is forgotten when its last repeat has come."""

from __future__ import annotations

from collections import Counter

from kaizen_eval.evals.statistics.tries import pass_at_k, pass_hat_k
from kaizen_eval.evals.summary.figures import Reliability

__all__ = ["Repeated"]


class Repeated:
    """Counts how many cases passed how often."""

    def __init__(self, repeats: int) -> None:
        self._repeats = repeats
        self._open: dict[str, tuple[int, int]] = {}
        """By case: trials that have come, and how many of them passed."""
        self._cases: Counter[int] = Counter()
        """By the number of trials that passed: how many cases."""

    def add(self, case: str, *, passed: bool) -> None:
        if self._repeats == 1:
            return
        come, good = self._open.pop(case, (0, 0))
        if come + 1 < self._repeats:
            self._open[case] = (come + 1, good + passed)
        else:
            self._cases[good + passed] += 1

    def reliability(self, cases: int) -> Reliability | None:
        """Trials that have not come count as such that did not pass."""
        if self._repeats == 1 or not cases:
            return None
        counts = self._cases + Counter(good for _, good in self._open.values())
        n = self._repeats
        ks = range(1, n + 1)
        return Reliability(
            pass_at={k: sum(pass_at_k(n, c, k) * count for c, count in counts.items()) / cases for k in ks},
            pass_all={k: sum(pass_hat_k(n, c, k) * count for c, count in counts.items()) / cases for k in ks},
        )
