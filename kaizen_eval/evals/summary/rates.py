"""The share of trials that passed, with an interval that cases which resemble each other make wider."""

from __future__ import annotations

from kaizen_eval.evals.statistics.rate import wilson
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
        """How many independent cases tell as much: never more than there are cases, nor fewer than clusters.

        Fewer by the design effect: the variance between clusters over that of as many independent cases.
        """
        groups = self._alone + len(self._clusters)
        if groups in {1, self.cases}:
            return groups
        independent = share * (1 - share) / self.cases
        between = sum((passed / repeats - cases * share) ** 2 for cases, passed in self._clusters.values())
        between += self._alone * share * (1 - share)
        clustered = between / self.cases**2 * groups / (groups - 1)
        if not independent or not clustered:
            return groups
        return min(self.cases, max(groups, self.cases * independent / clustered))
