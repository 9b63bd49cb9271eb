"""Judges one subject by one law: in generated situations, and shrunk to the smallest in which it does not hold."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky, HypothesisWarning

from kaizen_eval.conformance.lab import Lab
from kaizen_eval.conformance.law import Law
from kaizen_eval.conformance.situation import Situation
from kaizen_eval.conformance.subject import Subject
from kaizen_eval.conformance.violation import NotApplicable, Violation

__all__ = ["Ruling", "Verdict", "judge"]

Verdict = Literal["kept", "violated", "not applicable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What came of one law."""

    law: Law
    verdict: Verdict
    reason: str = ""
    """Why it is violated, or not applicable."""
    violation: Violation | None = None
    situation: Situation | None = None
    """The smallest that was found in which it does not hold."""
    examples: int = 0
    """Situations that were tried."""
    runs: int = 0
    """Runs of agents in them."""


def judge(  # noqa: PLR0913 - what may differ from one judgement to the next
    law: Law, subject: Subject, *, examples: int, seed_: int = 0, shrink: bool = True, smaller: int = 300
) -> Ruling:
    """Try so many situations; the same seed tries the same, whatever hypothesis profile is loaded.

    What does not hold in every run of one situation does not hold. Without `shrink` the first such situation that is
    found is told, not the smallest; the search for that ends after `smaller` more.
    """
    objection = subject.traits.exempt.get(law.id) or law.objection(subject.traits)
    if objection is not None:
        return Ruling(law=law, verdict="not applicable", reason=objection)
    trial = _Trial(law, Lab(subject), smaller)
    try:
        trial.run(examples, seed_, shrink=shrink)
    except Violation as violation:
        return trial.ruling("violated", str(violation), violation)
    except _SmallEnough as found:
        return trial.ruling("violated", str(found.violation), found.violation)
    except Flaky:
        if trial.violation is None:
            raise
        return trial.ruling("violated", f"{trial.violation} {_BY_CHANCE}", trial.violation)
    except NotApplicable as why:
        return trial.ruling("not applicable", str(why))
    return trial.ruling("kept")


class _SmallEnough(BaseException):
    """Ends the search: hypothesis lets it through."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(str(violation))
        self.violation = violation


_BY_CHANCE = "(Not each time that the same situation is played: something is left to chance, or to the real clock.)"


class _Trial:
    def __init__(self, law: Law, lab: Lab, smaller: int) -> None:
        self.law, self.lab, self.smaller = law, lab, smaller
        self.examples = 0
        self.last: Situation | None = None
        """The last one that was tried, or in which the law did not hold: the smallest."""
        self.violation: Violation | None = None
        """The last one."""
        self._first = 0
        """Which example was the first in which the law did not hold."""

    def run(self, examples: int, seed_: int, *, shrink: bool) -> None:
        @seed(seed_)
        @settings(
            max_examples=examples,
            derandomize=False,
            backend="hypothesis",
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
        )
        @given(self.law.situations(self.lab.subject))
        def trial(situation: Situation) -> None:
            self.examples += 1
            if self.violation is None:
                self.last, self._first = situation, self.examples
            elif self.examples - self._first > self.smaller:
                raise _SmallEnough(self.violation)
            try:
                self.law.judge(self.lab, situation)
            except Violation as violation:
                self.last, self.violation = situation, violation
                raise

        with warnings.catch_warnings():  # the repr that hypothesis makes of a large situation is shown to nobody
            warnings.filterwarnings("ignore", "Generating overly large repr", HypothesisWarning)
            trial()

    def ruling(self, verdict: Verdict, reason: str = "", violation: Violation | None = None) -> Ruling:
        return Ruling(
            law=self.law,
            verdict=verdict,
            reason=reason,
            violation=violation,
            situation=None if violation is None else self.last,
            examples=self.examples,
            runs=self.lab.runs,
        )
