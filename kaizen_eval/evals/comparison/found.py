"""What a comparison found, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from kaizen_eval.evals.comparison.measure import Measure
from kaizen_eval.evals.manifest import Manifest

__all__ = ["Comparison", "Differs", "Discordant", "Finding", "Flip", "Mean", "Method", "Verdict", "Version"]

Method = Literal["exact", "identical", "t", "bootstrap", "too few"]
"""How the limits were found; `exact` and `identical`: there is nothing to estimate."""


class Verdict(StrEnum):
    """What is known of the candidate beside the reference."""

    PASS = "PASS"  # noqa: S105 - a verdict, no password
    """It is no worse, or by no more than the margin."""
    FAIL = "FAIL"
    """It is worse by more than the margin."""
    INCONCLUSIVE = "INCONCLUSIVE"
    """The data allow for both."""


class Mean(NamedTuple):
    """Of one side, with its two-sided interval where there is one: Wilson's for a rate of single trials."""

    value: float
    low: float | None = None
    high: float | None = None


class Discordant(NamedTuple):
    """Of single trials that pass or fail: how many cases changed sides."""

    lost: int
    """Passed in the reference alone."""
    won: int
    """Passed in the candidate alone."""
    p: float
    """McNemar's, mid-p, two-sided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One measure, over all cases in which both sides have it."""

    measure: Measure
    a: Mean
    b: Mean
    difference: float
    """b less a: the mean over cases, whatever their repeats."""
    cases: int
    clusters: int
    """How many of them are independent of each other."""
    method: Method
    low: float | None = None
    """Of the difference's two-sided interval; None where there is none."""
    high: float | None = None
    worst: float | None = None
    """The difference that is still possible for the worse: one-sided, at the comparison's confidence. Where it is
    exact, of what is judged: the mean over cases if those that got better had stayed as they were.
    """
    best: float | None = None
    """The same for the better."""
    worse_cases: int | None = None
    """How many got worse; None where that is left to chance."""
    p: float | None = None
    """That chance alone makes such a difference, two-sided."""
    p_holm: float | None = None
    """The same, held against all measures of the comparison together (Holm)."""
    margin: float | None = None
    """How much worse is accepted, in the measure's unit; None where it does not decide."""
    verdict: Verdict | None = None
    """None where it does not decide."""
    p_worse: float | None = None
    """That chance alone makes it look this much worse than the margin: one-sided, held against all measures that
    decide (Holm).
    """
    detectable: float | None = None
    """The smallest loss that so much data show in four of five comparisons."""
    repeats: int | None = None
    """Of each case, on both sides, that would decide it, were the difference as it is; None: no number would, or how
    much chance there is between repeats is not known.
    """
    cases_needed: int | None = None
    """As many repeats of so many cases would decide it, were the difference as it is."""
    discordant: Discordant | None = None
    unjudged: tuple[int, int] = (0, 0)
    """Trials of a and of b of which nobody knows how good they are: a scorer crashed, or they failed outside of the
    agent. They are in none of the figures.
    """

    @property
    def gain(self) -> float:
        """The difference, above 0 where b is better."""
        return self.difference * self.measure.sign


class Version(NamedTuple):
    """What became of a case on one side."""

    passed: int
    """Of its trials."""
    trials: int
    """That could be judged."""
    answered: Any = None
    """The outputs of a telling trial: where this side is the better one, the first that passed, else the first that
    did not. None where they are not kept, as in a baseline.
    """
    why: str = ""
    """What scorers said of it, or the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A case that changed: one that passes in most trials on one side and not on the other; of deterministic
    evaluations every case in which anything differs.
    """

    case: str
    a: Version
    b: Version
    expected: Any = None
    inputs: Any = None
    tags: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    """What differs: `outcome`, `answer`, a measure."""

    @property
    def change(self) -> Literal["lost", "won", "changed"]:
        """From passing to not passing, the other way round, or otherwise."""
        passed = [version.passed * 2 > version.trials for version in (self.a, self.b)]
        if passed[0] == passed[1] or not (self.a.trials and self.b.trials):
            return "changed"
        return "lost" if passed[0] else "won"


class Differs(NamedTuple):
    """Something in which two evaluations are unlike."""

    what: str
    a: str
    b: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The candidate b beside the reference a."""

    verdict: Verdict
    why: str
    """One sentence."""
    a: Manifest
    b: Manifest
    origins: tuple[str, str] = ("", "")
    """The folder or file of each; empty where it is in memory alone."""
    findings: tuple[Finding, ...] = ()
    """Those that decide first."""
    confidence: float = 0.95
    flips: tuple[Flip, ...] = ()
    """What got lost first."""
    only_a: tuple[str, ...] = ()
    """Cases that b does not have; with `shared=True` alone there are any."""
    only_b: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Cases of one id on both sides that ask or expect different things: left out."""
    incomplete: tuple[str, ...] = ()
    """Cases of which a planned trial has no record: left out."""
    differs: tuple[Differs, ...] = ()
    """What differs and may: models, strategies, repeats."""
    notes: tuple[str, ...] = ()
    """What one should know before believing it, a sentence each."""
    advice: tuple[str, ...] = ()
    """What would decide it, a sentence each; empty unless it is inconclusive."""
    is_exact: bool = False
    """Both are deterministic: what differs is known, and no statistics were needed."""
    is_unjudged: bool = False
    """Inconclusive because of trials that nobody could judge: more data would not help."""

    @property
    def exit_code(self) -> int:
        """Of a command that gates by it: 0 pass, 1 worse, 3 not judged, 4 inconclusive."""
        if self.is_unjudged:
            return 3
        return {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 4}[self.verdict]

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The findings that make the verdict."""
        return tuple(finding for finding in self.findings if finding.margin is not None)
