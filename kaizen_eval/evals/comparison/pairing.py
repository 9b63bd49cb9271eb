"""The cases of two sides, side by side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kaizen_eval.evals.comparison.side import CaseFigures, Side

__all__ = ["Pair", "Paired", "Pairs", "mean", "paired", "with_measure"]


@dataclass(frozen=True, slots=True)
class Paired:
    """A case that both sides have."""

    case: str
    a: CaseFigures
    b: CaseFigures

    @property
    def cluster(self) -> str:
        """Empty: it is a cluster of its own."""
        return self.a.cluster or self.b.cluster

    @property
    def is_answered(self) -> bool:
        return not (self.a.unanswered or self.b.unanswered)

    @property
    def is_alike(self) -> bool:
        """Whether each trial has the same outcome and the same answer on both sides."""
        return [trial[:2] for trial in self.a.trials] == [trial[:2] for trial in self.b.trials]


class Pairs(NamedTuple):
    """All cases of two sides."""

    both: tuple[Paired, ...]
    """By id, so that the order of cases and records does not matter."""
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    changed: tuple[str, ...]
    """Cases of one id that ask or expect different things."""
    incomplete: tuple[str, ...]
    """Cases of which one side has not all trials."""


def paired(a: Side, b: Side) -> Pairs:
    shared = sorted(a.cases.keys() & b.cases.keys())
    changed = [case for case in shared if a.cases[case].content != b.cases[case].content]
    cut = {trial.rpartition("#")[0] for trial in (*a.missing, *b.missing)}
    kept = set(shared) - {*changed} - cut
    return Pairs(
        both=tuple(Paired(case, a.cases[case], b.cases[case]) for case in shared if case in kept),
        only_a=tuple(sorted(a.cases.keys() - b.cases.keys())),
        only_b=tuple(sorted(b.cases.keys() - a.cases.keys())),
        changed=tuple(changed),
        incomplete=tuple(sorted((set(shared) - {*changed}) & cut)),
    )


def mean(values: Sequence[float]) -> float:
    """Of repeats, in whatever order; of equal ones exactly what they are, so that more of them make no difference."""
    return values[0] if len(values) == 1 or min(values) == max(values) else math.fsum(values) / len(values)


class Pair(NamedTuple):
    """The values of one measure in one case."""

    cluster: str
    a: tuple[float, ...]
    b: tuple[float, ...]

    @property
    def difference(self) -> float:
        """Of the means, so that repeats of a case are no evidence of their own."""
        return mean(self.b) - mean(self.a)


def with_measure(cases: Iterable[Paired], measure: str) -> Sequence[Pair]:
    """Of those cases in which both sides have it. Where the agent did not answer it is 0 in the score, and by those
    scorers that judged another trial of the case.
    """
    pairs = ((each, Pair(each.cluster, each.a.values(measure), each.b.values(measure))) for each in cases)
    return [pair for each, pair in pairs if pair.a and pair.b and _has(each, measure)]


def _has(each: Paired, measure: str) -> bool:
    for trial in (*each.a.trials, *each.b.trials):
        if measure in trial.figures:
            return True
    return measure in {"score", "passed"} and all(trial.is_unanswered for trial in (*each.a.trials, *each.b.trials))
