"""The share of trials that passed, with an interval that cases which resemble each other make wider."""

from __future__ import annotations

from kaizen_eval.evals.statistics.rate import effective_cases, wilson
from kaizen_eval.evals.summary.figures import Rate

__all__ = ["CONFIDENCE", "Passes"]

CONFIDENCE = 0.95


class Passes:
    """Counts what passed, by cluster where cases have one."""

    def __init__(self) -> None:
        self.cases = 0
        self.passed = 0
        self._alone = 0
        """Cases that are a cluster of their own."""
        self._clusters: dict[str, list[int]] = {}
        """Cases, and trials that passed."""

    def plan(self, cluster: str) -> None:
        self.cases += 1
        if cluster:
            self._clusters.setdefault(cluster, [0, 0])[0] += 1
        else:
            self._alone += 1

    def add(self, cluster: str) -> None:
        self.passed += 1
        if cluster:
            self._clusters[cluster][1] += 1

    def rate(self, repeats: int, unjudged: int) -> Rate:
        """Args:
        repeats: trials of each case.
        unjudged: trials of which nobody knows whether they would have passed.
        """
        trials = self.cases * repeats
        if not trials:
            return Rate(value=0.0, low=0.0, high=1.0, cases=0)
        share, most = self.passed / trials, (self.passed + unjudged) / trials
        count = self._effective(share, repeats)
        low, _ = wilson(share * count, count, CONFIDENCE)
        _, high = wilson(most * count, count, CONFIDENCE)
        return Rate(value=share, low=low, high=high, cases=self.cases, unjudged=unjudged)

    def _effective(self, share: float, repeats: int) -> float:
        clusters = [(passed / repeats, cases) for cases, passed in self._clusters.values()]
        return effective_cases(share, clusters, alone=self._alone, confidence=CONFIDENCE)
